#include <algorithm>
#include <emulator/server/fault_names.hpp>

namespace kusto::emulator
{

namespace
{

using milliseconds = fault::milliseconds;

constexpr milliseconds longest = std::chrono::hours(24);
constexpr std::size_t longest_name = 128;

constexpr std::array<fault_traits, fault_action_count> traits{{
    {"status", fault_shape::refusal, fault_domain::requests},
    {"delay", fault_shape::timed, fault_domain::requests},
    {"latency", fault_shape::timed, fault_domain::requests},
    {"bandwidth", fault_shape::rate, fault_domain::requests},
    {"drip", fault_shape::drip, fault_domain::requests},
    {"close_before_body", fault_shape::plain, fault_domain::requests},
    {"close_mid_body", fault_shape::plain, fault_domain::requests},
    {"close_after_body", fault_shape::plain, fault_domain::requests},
    {"drop_answer", fault_shape::plain, fault_domain::requests},
    {"answer_partly", fault_shape::plain, fault_domain::requests},
    {"never_answer", fault_shape::plain, fault_domain::requests},
    {"never_answer_after", fault_shape::plain, fault_domain::requests},
    {"close_idle", fault_shape::plain, fault_domain::requests},
    {"garbage", fault_shape::plain, fault_domain::requests},
    {"expire_sas", fault_shape::plain, fault_domain::requests},
    {"revoke_tokens", fault_shape::plain, fault_domain::requests},
    {"expire_identity", fault_shape::plain, fault_domain::requests},
    {"accept_never", fault_shape::plain, fault_domain::connections},
    {"executed_twice", fault_shape::plain, fault_domain::requests},
    {"executed_late", fault_shape::timed, fault_domain::requests},
    {"redeliver", fault_shape::timed, fault_domain::messages},
    {"reorder", fault_shape::timed, fault_domain::messages},
    {"ingestion_fails", fault_shape::ingestion, fault_domain::messages},
    {"ingestion_delay", fault_shape::timed, fault_domain::messages},
    {"status_delay", fault_shape::timed, fault_domain::messages},
    {"status_lost", fault_shape::plain, fault_domain::messages},
}};

std::string where(std::optional<std::size_t> rule, std::string const& field)
{
    std::string out = "fault script";
    if (rule)
        out += ", rule " + std::to_string(*rule);
    if (!field.empty())
        out += ", '" + field + "'";
    return out + ": ";
}

/// Checks the values of one rule; every refusal names rule and member.
class rule_check
{
public:
    rule_check(std::size_t index, fault const& rule)
        : index_(index),
          rule_(rule),
          traits_(traits_of(rule.action()))
    {
    }

    void run() const
    {
        check_occurrence();
        check_subject();
        check_refusal();
        check_amounts();
    }

private:
    void require(bool holds, char const* field, std::string const& allowed) const
    {
        if (!holds)
            throw fault_script_error(index_, field, allowed);
    }

    void require_time(std::optional<milliseconds> value, char const* field) const
    {
        require(!value || (*value >= milliseconds(0) && *value <= longest), field,
                "must be 0 to 86400000 ms");
    }

    void require_name(std::string const& value, char const* field) const
    {
        // Codes become header values.
        bool const printable =
            std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
        require(printable && value.size() <= longest_name, field,
                "must be at most 128 printable ASCII characters without blanks");
    }

    void check_occurrence() const
    {
        require(rule_.from() >= 1, "from", "must be at least 1: the first match is number 1");
        require(rule_.times() >= 1, "times", "must be at least 1");
        require(rule_.every() >= 1, "every", "must be at least 1");
        require(rule_.probability() >= 0 && rule_.probability() <= 1, "probability",
                "must be 0 to 1");
        require_time(rule_.begin(), "begin_ms");
        require_time(rule_.end(), "end_ms");
        auto const begin = rule_.begin().value_or(milliseconds(0));
        require(!rule_.end() || begin < *rule_.end(), "end_ms", "must be later than begin_ms");
    }

    void check_subject() const
    {
        require(static_cast<std::size_t>(rule_.route()) < fault_route_names.size(), "route",
                "is not a route");
        require(traits_.domain != fault_domain::messages || rule_.route() == fault_route::any,
                "route", "cannot be given: " + std::string(traits_.name) + " is about messages");
        require(traits_.domain != fault_domain::connections || rule_.account().empty(), "account",
                "cannot be given: a connection has no account");
        require_name(rule_.account(), "account");
        bool const command = rule_.route() == fault_route::command;
        bool const runs_command = rule_.action() == fault_action::executed_twice ||
                                  rule_.action() == fault_action::executed_late;
        require(!runs_command || command, "route",
                "must be 'command': " + std::string(traits_.name) + " is about commands");
        bool const has_text = command || rule_.route() == fault_route::query;
        require(rule_.containing().empty() || has_text, "containing",
                "needs the route 'command' or 'query'");
        require(traits_.domain == fault_domain::requests || rule_.containing().empty(),
                "containing",
                "cannot be given: " + std::string(traits_.name) + " is not about requests");
    }

    void check_refusal() const
    {
        if (traits_.shape == fault_shape::refusal)
        {
            require(rule_.code() >= 400 && rule_.code() <= 599, "code", "must be 400 to 599");
            require_name(rule_.service_code(), "service_code");
            require_time(rule_.retry_after(), "retry_after_ms");
            return;
        }
        std::string const only = "can be given for the action 'status' only";
        require(!rule_.retry_after(), "retry_after_ms", only);
        require(!rule_.permanent(), "permanent", only);
    }

    void check_amounts() const
    {
        if (traits_.shape == fault_shape::rate)
            require(rule_.bytes() >= 1, "bytes_per_second", "must be at least 1");
        if (traits_.shape == fault_shape::drip)
            require(rule_.bytes() >= 1, "bytes", "must be at least 1");
        if (traits_.shape == fault_shape::ingestion)
            require_name(rule_.service_code(), "error_code");
        require_time(rule_.time(), traits_.shape == fault_shape::drip        ? "interval_ms"
                                   : traits_.shape == fault_shape::ingestion ? "recovery_ms"
                                                                             : "time_ms");
    }

    std::size_t index_;
    fault const& rule_;
    fault_traits const& traits_;
};

} // namespace

fault_traits const& traits_of(fault_action action) noexcept
{
    return traits[static_cast<std::size_t>(action)];
}

fault_script_error::fault_script_error(std::optional<std::size_t> rule, std::string field,
                                       std::string const& text)
    : std::runtime_error(where(rule, field) + text),
      rule_(rule),
      field_(std::move(field))
{
}

fault fault::timed(fault_action action, milliseconds time)
{
    fault out(action);
    out.time_ = time;
    return out;
}

fault fault::status(int code, std::string service_code)
{
    fault out(fault_action::status);
    out.code_ = code;
    out.service_code_ = std::move(service_code);
    return out;
}

fault fault::bandwidth(std::uint64_t bytes_per_second)
{
    fault out(fault_action::bandwidth);
    out.bytes_ = bytes_per_second;
    return out;
}

fault fault::drip(std::uint64_t bytes, milliseconds interval)
{
    fault out(fault_action::drip);
    out.bytes_ = bytes;
    out.time_ = interval;
    return out;
}

fault fault::ingestion_fails(ingestion_failure_kind kind, std::string error_code,
                             milliseconds recovery)
{
    fault out(fault_action::ingestion_fails);
    out.kind_ = kind;
    out.service_code_ = std::move(error_code);
    out.time_ = recovery;
    return out;
}

fault& fault::on(fault_route value) &
{
    route_ = value;
    return *this;
}

fault& fault::account(std::string name) &
{
    account_ = std::move(name);
    return *this;
}

fault& fault::containing(std::string text) &
{
    containing_ = std::move(text);
    return *this;
}

fault& fault::from(std::uint64_t match) &
{
    from_ = match;
    return *this;
}

fault& fault::times(std::uint64_t matches) &
{
    times_ = matches;
    return *this;
}

fault& fault::every(std::uint64_t step) &
{
    every_ = step;
    return *this;
}

fault& fault::probability(double value) &
{
    probability_ = value;
    return *this;
}

fault& fault::between(std::optional<milliseconds> begin, std::optional<milliseconds> end) &
{
    begin_ = begin;
    end_ = end;
    return *this;
}

fault& fault::retry_after(milliseconds time, retry_after_form form) &
{
    retry_after_ = time;
    retry_form_ = form;
    return *this;
}

fault& fault::permanent(bool value) &
{
    permanent_ = value;
    return *this;
}

void fault_script::check() const
{
    for (std::size_t i = 0; i < rules_.size(); ++i)
        rule_check(i, rules_[i]).run();
}

} // namespace kusto::emulator
