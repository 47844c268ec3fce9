#include <doctor/findings.hpp>

#include <doctor/clean_text.hpp>
#include <utility>

namespace kusto::doctor
{

std::optional<std::string> findings::cause_of(std::string const& name) const
{
    auto const found = causes_.find(name);
    return found == causes_.end() ? std::nullopt : std::optional(found->second);
}

bool findings::skips(step const& what)
{
    auto cause = late_.empty() ? std::nullopt : std::optional(late_);
    for (auto const& need : what.needs)
    {
        if (!cause)
            cause = cause_of(need);
    }
    if (!cause)
        return false;
    skip(what, *cause, "because of " + *cause);
    return true;
}

void findings::skip(step const& what, std::string const& cause, std::string detail)
{
    add(what, verdict::skipped(std::move(detail)));
    causes_.emplace(what.name, cause);
}

void findings::add(step const& what, verdict judged, std::chrono::steady_clock::duration took)
{
    check made(what.name, one_line(what.subject));
    made.state = judged.state;
    made.trouble = judged.trouble;
    made.detail = one_line(judged.detail);
    made.remedy = one_line(judged.remedy);
    made.duration = std::chrono::round<std::chrono::milliseconds>(took);
    if (made.state == check_state::failed)
        causes_.emplace(made.name, made.name);
    found_.checks.push_back(std::move(made));
}

void findings::end_early(step const& what)
{
    late_ = what.name;
    add(what, verdict::failed(check_trouble::network,
                              "not begun: the time for the whole diagnosis was over",
                              "give it more time: --timeout, or the deadline of diagnose"));
}

} // namespace kusto::doctor
