#include <kusto/doctor.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <doctor/clean_text.hpp>
#include <doctor/verdict.hpp>
#include <telemetry/valid_text.hpp>

namespace kusto
{

namespace
{

namespace json = boost::json;
using telemetry::valid_text;

std::size_t count(diagnosis const& what, check_state state)
{
    auto const& checks = what.checks;
    return std::size_t(std::count_if(checks.begin(), checks.end(),
                                     [state](check const& one) { return one.state == state; }));
}

std::string padded(std::string text, std::size_t width)
{
    text.resize((std::max)(width, text.size()), ' ');
    return text;
}

void add_check(std::string& text, check const& one, std::size_t width)
{
    constexpr std::size_t state_width = 9;
    text += padded(std::string(to_string(one.state)), state_width);
    text += padded(one.name, width);
    text += one.subject;
    if (!one.detail.empty())
        text += (one.subject.empty() ? "" : ": ") + one.detail;
    if (one.duration.count() > 0)
        text += " (" + std::to_string(one.duration.count()) + " ms)";
    text += '\n';
    if (!one.remedy.empty())
        text += std::string(state_width + width, ' ') + "-> " + one.remedy + '\n';
}

int status_of(check_trouble what) noexcept
{
    switch (what)
    {
    case check_trouble::configuration:
        return 2;
    case check_trouble::network:
        return 3;
    case check_trouble::rights:
        return 4;
    case check_trouble::none:
    case check_trouble::service:
        break;
    }
    return 5;
}

} // namespace

std::string_view to_string(check_state state) noexcept
{
    switch (state)
    {
    case check_state::ok:
        return "ok";
    case check_state::warning:
        return "warning";
    case check_state::failed:
        return "failed";
    case check_state::skipped:
        break;
    }
    return "skipped";
}

std::string_view to_string(check_trouble what) noexcept
{
    switch (what)
    {
    case check_trouble::configuration:
        return "configuration";
    case check_trouble::network:
        return "network";
    case check_trouble::rights:
        return "rights";
    case check_trouble::service:
        return "service";
    case check_trouble::none:
        break;
    }
    return "none";
}

diagnosis diagnosis::of(failure const& why)
{
    auto judged = doctor::judge(doctor::options_check, why);
    std::string const name(doctor::options_check);
    check made(name, std::string());
    made.state = judged.state;
    made.trouble = judged.trouble;
    made.detail = std::move(judged.detail);
    made.remedy = std::move(judged.remedy);
    diagnosis whole;
    whole.checks.push_back(std::move(made));
    return whole;
}

check const* diagnosis::find(std::string_view name, std::string_view subject) const noexcept
{
    auto const found =
        std::find_if(checks.begin(), checks.end(),
                     [&](check const& one)
                     { return one.name == name && (subject.empty() || one.subject == subject); });
    return found == checks.end() ? nullptr : &*found;
}

int diagnosis::exit_status() const noexcept
{
    int status = 0;
    for (auto const& one : checks)
    {
        if (one.state == check_state::failed)
            return status_of(one.trouble);
        if (one.state == check_state::warning)
            status = 1;
    }
    return status;
}

std::string to_text(diagnosis const& what)
{
    std::size_t width = 0;
    for (auto const& one : what.checks)
        width = (std::max)(width, one.name.size() + 2);
    std::string text;
    for (auto const& one : what.checks)
        add_check(text, one, width);
    text += std::to_string(count(what, check_state::ok)) + " ok, " +
            std::to_string(count(what, check_state::warning)) + " warnings, " +
            std::to_string(count(what, check_state::failed)) + " failed, " +
            std::to_string(count(what, check_state::skipped)) + " skipped\n";
    return text;
}

std::string to_json(diagnosis const& what)
{
    json::array checks;
    for (auto const& one : what.checks)
    {
        json::object made;
        made["name"] = valid_text(one.name);
        made["subject"] = valid_text(one.subject);
        made["state"] = to_string(one.state);
        made["detail"] = valid_text(one.detail);
        made["remedy"] = valid_text(one.remedy);
        made["trouble"] = to_string(one.trouble);
        made["duration_ms"] = one.duration.count();
        checks.push_back(std::move(made));
    }
    json::object whole;
    whole["exit_status"] = what.exit_status();
    whole["checks"] = std::move(checks);
    return json::serialize(whole);
}

doctor_options& doctor_options::check_timeout(std::chrono::milliseconds value)
{
    timeout_ = std::clamp<std::chrono::milliseconds>(value, std::chrono::milliseconds(100),
                                                     std::chrono::minutes(5));
    return *this;
}

} // namespace kusto
