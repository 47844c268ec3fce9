#include <wire/token_lifetime.hpp>

#include <algorithm>
#include <base/ascii.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::seconds;

/// `whole_number` without signs in text: they are nowhere to be expected.
std::optional<seconds> count_of(json::value const& from, std::int64_t most)
{
    if (from.is_string())
    {
        auto const& text = from.get_string();
        if (!std::all_of(text.begin(), text.end(), base::is_digit))
            return std::nullopt;
    }
    auto const number = whole_number(from);
    if (!number || *number < 0 || *number > most)
        return std::nullopt;
    return seconds(*number);
}

std::optional<seconds> relative_time(json::value const& document, std::string_view name)
{
    constexpr std::int64_t longest = 2'147'483'647;
    auto const* const found = member(document, name);
    return found == nullptr ? std::nullopt : count_of(*found, longest);
}

seconds since_epoch(base::utc_time_point when)
{
    return std::chrono::floor<seconds>(when.time_since_epoch());
}

std::optional<seconds> point_in_time(json::value const& document, std::string_view name)
{
    auto const* const found = member(document, name);
    if (found == nullptr)
        return std::nullopt;
    if (auto const number = epoch_seconds(*found))
        return number;
    auto const text = text_member(document, name);
    auto when = base::parse_iso(text);
    if (!when)
        when = base::parse_rfc1123(text);
    if (!when)
        when = base::parse_slashed(text);
    if (!when)
        return std::nullopt;
    return since_epoch(*when);
}

} // namespace

std::optional<seconds> epoch_seconds(json::value const& from)
{
    constexpr std::int64_t end_of_year_9999 = 253'402'300'799;
    auto const count = count_of(from, end_of_year_9999);
    return count && count->count() > 0 ? count : std::nullopt;
}

std::optional<seconds> lifetime_of(json::value const& document, base::utc_time_point now)
{
    if (auto const relative = relative_time(document, "expires_in"))
        return (std::min)(*relative, longest_lifetime);
    auto const end = point_in_time(document, "expires_on");
    return end ? std::optional(lifetime_until(*end, now)) : std::nullopt;
}

seconds lifetime_until(seconds end, base::utc_time_point now)
{
    return (std::min)(end - since_epoch(now), longest_lifetime);
}

std::optional<seconds> refresh_of(json::value const& document, base::utc_time_point now,
                                  seconds lifetime)
{
    auto wait = relative_time(document, "refresh_in");
    if (!wait)
    {
        auto const* const when = member(document, "refresh_on");
        auto const number = when == nullptr ? std::nullopt : epoch_seconds(*when);
        if (number)
            wait = *number - since_epoch(now);
    }
    bool const useful = wait && wait->count() > 0 && *wait < lifetime;
    return useful ? wait : std::nullopt;
}

} // namespace kusto::wire
