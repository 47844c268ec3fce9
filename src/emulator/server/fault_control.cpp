#include <algorithm>
#include <emulator/server/fault_answers.hpp>
#include <emulator/server/fault_control.hpp>

namespace kusto::emulator
{

namespace
{

using milliseconds = std::chrono::milliseconds;

/// The first segment of the path.
std::string account_of(std::string const& url)
{
    auto const scheme = url.find("://");
    auto const start = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (start == std::string::npos)
        return {};
    auto const end = url.find_first_of("/?", start + 1);
    return url.substr(start + 1, end == std::string::npos ? end : end - start - 1);
}

exchange_end end_of(fault_action action)
{
    switch (action)
    {
    case fault_action::close_before_body:
        return exchange_end::close_before_body;
    case fault_action::close_mid_body:
        return exchange_end::close_mid_body;
    case fault_action::close_after_body:
        return exchange_end::close_after_body;
    case fault_action::drop_answer:
        return exchange_end::drop_answer;
    case fault_action::answer_partly:
        return exchange_end::answer_partly;
    case fault_action::never_answer:
        return exchange_end::never_answer;
    case fault_action::never_answer_after:
        return exchange_end::never_answer_after;
    case fault_action::close_idle:
        return exchange_end::close_idle;
    case fault_action::executed_twice:
        return exchange_end::executed_twice;
    case fault_action::executed_late:
        return exchange_end::executed_late;
    default:
        return exchange_end::answer;
    }
}

message_faults to_faults(message_verdict const& verdict, fault const* failure)
{
    message_faults out;
    out.hold = verdict.hold;
    out.again = verdict.again;
    out.status_delay = verdict.status_delay;
    out.status_lost = verdict.status_lost;
    if (failure != nullptr)
    {
        out.fails = failure->kind();
        out.error_code = failure->service_code();
        out.recovery = failure->time();
    }
    return out;
}

} // namespace

fault_control::fault_control(effects apply) : apply_(std::move(apply)) {}

void fault_control::install(fault_script script)
{
    fault_plan made(std::move(script));
    std::vector<std::shared_ptr<rate_limit>> rates(made.rules().size());
    for (std::size_t i = 0; i < rates.size(); ++i)
    {
        if (made.rule(i).action() == fault_action::bandwidth)
            rates[i] = std::make_shared<rate_limit>(made.rule(i).bytes());
    }
    std::lock_guard const lock(mutex_);
    plan_ = std::move(made);
    rates_ = std::move(rates);
    start_ = clock::now();
    active_ = !plan_.rules().empty();
    reads_text_ = std::any_of(plan_.rules().begin(), plan_.rules().end(),
                              [](fault const& rule) { return !rule.containing().empty(); });
}

std::vector<fault_count> fault_control::counts() const
{
    std::lock_guard const lock(mutex_);
    return plan_.counts();
}

milliseconds fault_control::elapsed() const
{
    return std::chrono::duration_cast<milliseconds>(clock::now() - start_);
}

bool fault_control::silent_connection(port_role port)
{
    std::lock_guard const lock(mutex_);
    return plan_.decide_connection(port, elapsed());
}

exchange fault_control::shape(request_verdict const& verdict) const
{
    exchange out;
    out.hold = verdict.hold;
    for (auto const index : verdict.rates)
        out.rates.push_back(rates_[index]);
    if (verdict.drip)
    {
        out.drip_bytes = plan_.rule(*verdict.drip).bytes();
        out.drip_interval = plan_.rule(*verdict.drip).time();
    }
    return out;
}

void fault_control::end(exchange& into, fault const& rule, port_role port,
                        request const& http) const
{
    into.end = end_of(rule.action());
    if (rule.action() == fault_action::status)
        into.instead = refusal(rule, port, http, std::chrono::system_clock::now());
    else if (rule.action() == fault_action::garbage)
        into.instead = garbage();
    else if (rule.action() == fault_action::executed_late)
        into.late = rule.time();
}

exchange fault_control::plan(port_role port, request const& http)
{
    auto const subject = classify(port, http);
    request_verdict verdict;
    exchange out;
    {
        std::lock_guard const lock(mutex_);
        verdict = plan_.decide_request(subject, elapsed());
        out = shape(verdict);
        if (verdict.ending)
            end(out, plan_.rule(*verdict.ending), port, http);
    }
    if (verdict.expire_sas)
        apply_.expire_sas();
    if (verdict.revoke_tokens)
        apply_.revoke_tokens();
    if (verdict.expire_identity)
        apply_.expire_identity();
    return out;
}

message_faults fault_control::decide(std::string const& blob_url)
{
    auto const account = account_of(blob_url);
    std::lock_guard const lock(mutex_);
    auto const verdict = plan_.decide_message(account, elapsed());
    return to_faults(verdict, verdict.failure ? &plan_.rule(*verdict.failure) : nullptr);
}

} // namespace kusto::emulator
