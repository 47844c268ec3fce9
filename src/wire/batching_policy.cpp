#include <wire/batching_policy.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <kusto/schema.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

using std::chrono::milliseconds;

/// Takes digits off the front; nothing if there are none or more than nine.
std::optional<int> take_number(std::string_view& text)
{
    std::size_t length = 0;
    int number = 0;
    while (length < text.size() && base::is_digit(text[length]) && length < 9)
        number = number * 10 + (text[length++] - '0');
    text.remove_prefix(length);
    return length == 0 ? std::nullopt : std::optional(number);
}

bool take(std::string_view& text, char c)
{
    if (!text.starts_with(c))
        return false;
    text.remove_prefix(1);
    return true;
}

/// `[d.]hh:mm:ss[.fraction]`; the fraction does not matter here.
std::optional<milliseconds> read_timespan(std::string_view text)
{
    auto first = take_number(text);
    int days = 0;
    if (first && take(text, '.'))
    {
        days = *first;
        first = take_number(text);
    }
    bool const colon = take(text, ':');
    auto const minutes = take_number(text);
    bool const second_colon = take(text, ':');
    auto const seconds = take_number(text);
    if (!first || !colon || !minutes || !second_colon || !seconds)
        return std::nullopt;
    return std::chrono::hours(24) * days + std::chrono::hours(*first) +
           std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

std::string policy_text(table const& rows)
{
    for (std::size_t i = 0; i < rows.columns().size() && !rows.empty(); ++i)
    {
        if (!base::equal_ignoring_case(rows.columns()[i].name, "Policy"))
            continue;
        auto const& cell = rows.row(0)[i];
        return cell.to_text();
    }
    return std::string();
}

} // namespace

std::string show_table_batching(std::string_view table)
{
    return ".show table " + quoted_name(table) + " policy ingestionbatching";
}

std::string show_database_batching(std::string_view database)
{
    return ".show database " + quoted_name(database) + " policy ingestionbatching";
}

std::optional<milliseconds> batching_time(table const& rows)
{
    constexpr milliseconds longest = std::chrono::hours(1);
    auto const document = parse_json(policy_text(rows));
    if (!document)
        return std::nullopt;
    auto const time = read_timespan(text_member(*document, "MaximumBatchingTimeSpan"));
    return time ? std::optional((std::min)(*time, longest)) : std::nullopt;
}

} // namespace kusto::wire
