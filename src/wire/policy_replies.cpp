#include <wire/control_replies.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <wire/control_cells.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::seconds;

/// The policy objects in the arrays of all rows; null and nothing say nothing.
result<std::vector<json::value>> read_policies(table const& reply)
{
    auto const cells = column_of(reply, "Policy");
    if (!cells)
        return cells.error();
    std::vector<json::value> policies;
    for (auto const& cell : *cells)
    {
        auto const text = text_of(cell, "Policy");
        if (!text)
            return text.error();
        if (text->empty())
            continue;
        auto const document = parse_json(*text);
        bool const known = document && (document->is_null() || document->is_array());
        if (!known)
            return malformed_cell("Policy", "JSON array");
        if (document->is_null())
            continue;
        for (auto const& one : document->get_array())
        {
            if (!one.is_object())
                return malformed("a policy is not a JSON object");
            policies.push_back(one);
        }
    }
    return policies;
}

bool is_enabled(json::value const& policy) noexcept
{
    return member(policy, "IsEnabled") == nullptr || flag_member(policy, "IsEnabled");
}

/// `*` in the pattern stands for any text. Table names are compared with regard to case.
bool matches(std::string_view pattern, std::string_view name) noexcept
{
    std::size_t p = 0;
    std::size_t n = 0;
    auto star = std::string_view::npos;
    std::size_t resume = 0;
    while (n < name.size())
    {
        if (p < pattern.size() && pattern[p] == '*')
        {
            star = p++;
            resume = n;
        }
        else if (p < pattern.size() && pattern[p] == name[n])
        {
            ++p;
            ++n;
        }
        else if (star != std::string_view::npos)
        {
            p = star + 1;
            n = ++resume;
        }
        else
            return false;
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool is_triggered_by(json::value const& policy, std::string_view table) noexcept
{
    auto const source = text_member(policy, "Source");
    return source == table || (flag_member(policy, "SourceIsWildCard") && matches(source, table));
}

/// Whether one begins with the other.
bool overlap(std::string_view left, std::string_view right) noexcept
{
    auto const common = (std::min)(left.size(), right.size());
    return base::equal_ignoring_case(left.substr(0, common), right.substr(0, common));
}

} // namespace

result<update_policy_answer> read_update_policy(table const& reply)
{
    auto const policies = read_policies(reply);
    if (!policies)
        return policies.error();
    bool const any = std::any_of(policies->begin(), policies->end(), is_enabled);
    return any ? update_policy_answer::enabled : update_policy_answer::none;
}

result<update_policy_answer> read_update_policies(table const& reply, std::string_view source)
{
    auto const policies = read_policies(reply);
    if (!policies)
        return policies.error();
    bool const any = std::any_of(policies->begin(), policies->end(),
                                 [source](json::value const& one)
                                 { return is_enabled(one) && is_triggered_by(one, source); });
    return any ? update_policy_answer::enabled : update_policy_answer::none;
}

result<std::optional<seconds>> read_tag_retention(table const& reply, std::string_view which)
{
    auto const policies = read_policies(reply);
    if (!policies)
        return policies.error();
    std::optional<seconds> shortest;
    for (auto const& policy : *policies)
    {
        auto const* const prefix = member(policy, "TagPrefix");
        auto const period = timespan::try_parse(text_member(policy, "RetentionPeriod"));
        if (prefix == nullptr || !prefix->is_string() || !period || period->ticks() < 0)
            return malformed("a policy of tags has no prefix or no period");
        if (!overlap(text_member(policy, "TagPrefix"), which))
            continue;
        auto const whole = std::chrono::floor<seconds>(period->duration());
        shortest = (std::min)(shortest.value_or(whole), whole);
    }
    return shortest;
}

} // namespace kusto::wire
