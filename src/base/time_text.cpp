#include <base/time_text.hpp>

#include <base/ascii.hpp>

#include <array>
#include <cstdint>

namespace kusto::base
{

namespace
{

using namespace std::chrono;

constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct broken_down
{
    int year;
    unsigned month;
    unsigned day;
    unsigned weekday;
    int hour;
    int minute;
    int second;
    std::int64_t nanoseconds;
};

broken_down break_down(utc_time_point when)
{
    auto const midnight = floor<days>(when);
    year_month_day const date(midnight);
    auto const in_day = duration_cast<nanoseconds>(when - midnight).count();
    auto const second_of_day = static_cast<int>(in_day / 1'000'000'000);
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            weekday(midnight).c_encoding(),
            second_of_day / 3600,
            second_of_day / 60 % 60,
            second_of_day % 60,
            in_day % 1'000'000'000};
}

void append_digits(std::string& text, std::int64_t value, int width)
{
    std::array<char, 20> digits{};
    for (int i = width; i-- > 0; value /= 10)
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    text.append(digits.data(), static_cast<std::size_t>(width));
}

/// Reads fixed-width pieces from the front of a text.
class reader
{
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool number(std::size_t width, int& value) noexcept
    {
        if (rest_.size() < width)
            return false;
        value = 0;
        for (char const c : rest_.substr(0, width))
        {
            if (!is_digit(c))
                return false;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return true;
    }
    bool literal(char c) noexcept
    {
        if (rest_.empty() || to_lower(rest_.front()) != to_lower(c))
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// `.` and 1 to 9 digits, in nanoseconds; further digits are read and dropped.
    bool fraction(std::int64_t& value) noexcept
    {
        std::int64_t unit = 100'000'000;
        std::size_t count = 0;
        for (; !rest_.empty() && is_digit(rest_.front()); ++count, unit /= 10)
        {
            value += unit * (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return count > 0;
    }
    std::string_view take(std::size_t count) noexcept
    {
        auto const piece = rest_.substr(0, count);
        rest_.remove_prefix((std::min)(count, rest_.size()));
        return piece;
    }
    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

utc_time_point clamped(seconds since_epoch, nanoseconds fraction) noexcept
{
    constexpr auto top = duration_cast<seconds>(utc_time_point::max().time_since_epoch());
    constexpr auto bottom = duration_cast<seconds>(utc_time_point::min().time_since_epoch());
    if (since_epoch >= top)
        return utc_time_point::max();
    if (since_epoch <= bottom)
        return utc_time_point::min();
    auto const exact = nanoseconds(since_epoch) + fraction;
    return utc_time_point(duration_cast<utc_time_point::duration>(exact));
}

std::optional<seconds> from_civil(int y, int m, int d, int hour, int minute, int second) noexcept
{
    year_month_day const date(year(y), month(static_cast<unsigned>(m)),
                              day(static_cast<unsigned>(d)));
    if (!date.ok() || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    return sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second);
}

bool read_zone(reader& from, seconds& offset) noexcept
{
    if (from.empty() || from.literal('Z'))
        return true;
    bool const east = from.literal('+');
    if (!east && !from.literal('-'))
        return false;
    int hour = 0;
    int minute = 0;
    if (!from.number(2, hour))
        return false;
    from.literal(':');
    if (!from.number(2, minute) || hour > 15 || minute > 59)
        return false;
    offset = hours(hour) + minutes(minute);
    if (!east)
        offset = -offset;
    return true;
}

} // namespace

std::string rfc1123_text(utc_time_point when)
{
    auto const parts = break_down(when);
    std::string text(day_names[parts.weekday]);
    text += ", ";
    append_digits(text, parts.day, 2);
    text += ' ';
    text += month_names[parts.month - 1];
    text += ' ';
    append_digits(text, parts.year, 4);
    text += ' ';
    append_digits(text, parts.hour, 2);
    text += ':';
    append_digits(text, parts.minute, 2);
    text += ':';
    append_digits(text, parts.second, 2);
    text += " GMT";
    return text;
}

std::string iso_text(utc_time_point when)
{
    auto const parts = break_down(when);
    std::string text;
    append_digits(text, parts.year, 4);
    text += '-';
    append_digits(text, parts.month, 2);
    text += '-';
    append_digits(text, parts.day, 2);
    text += 'T';
    append_digits(text, parts.hour, 2);
    text += ':';
    append_digits(text, parts.minute, 2);
    text += ':';
    append_digits(text, parts.second, 2);
    text += '.';
    append_digits(text, parts.nanoseconds / 100, 7);
    text += 'Z';
    return text;
}

std::string compact_text(utc_time_point when)
{
    auto const parts = break_down(when);
    std::string text;
    append_digits(text, parts.year, 4);
    append_digits(text, parts.month, 2);
    append_digits(text, parts.day, 2);
    text += 'T';
    append_digits(text, parts.hour, 2);
    append_digits(text, parts.minute, 2);
    append_digits(text, parts.second, 2);
    append_digits(text, parts.nanoseconds / 1'000'000, 3);
    text += 'Z';
    return text;
}

std::optional<utc_time_point> parse_iso(std::string_view text) noexcept
{
    reader from(trim(text));
    int y = 0;
    int m = 0;
    int d = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t fraction = 0;
    seconds offset(0);
    if (!from.number(4, y) || !from.literal('-') || !from.number(2, m) || !from.literal('-') ||
        !from.number(2, d))
        return std::nullopt;
    if (from.literal('T') || from.literal(' '))
    {
        if (!from.number(2, hour) || !from.literal(':') || !from.number(2, minute))
            return std::nullopt;
        if (from.literal(':') && !from.number(2, second))
            return std::nullopt;
        if (from.literal('.') && !from.fraction(fraction))
            return std::nullopt;
    }
    if (!read_zone(from, offset) || !from.empty())
        return std::nullopt;
    auto const civil = from_civil(y, m, d, hour, minute, second);
    if (!civil)
        return std::nullopt;
    return clamped(*civil - offset, nanoseconds(fraction));
}

std::optional<utc_time_point> parse_rfc1123(std::string_view text) noexcept
{
    reader from(trim(text));
    from.take(5); // the name of the day, a comma and a blank
    int y = 0;
    int d = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!from.number(2, d) || !from.literal(' '))
        return std::nullopt;
    auto const name = from.take(3);
    int m = 0;
    while (m < 12 && !equal_ignoring_case(name, month_names[static_cast<std::size_t>(m)]))
        ++m;
    if (m == 12 || !from.literal(' ') || !from.number(4, y) || !from.literal(' ') ||
        !from.number(2, hour) || !from.literal(':') || !from.number(2, minute) ||
        !from.literal(':') || !from.number(2, second) || from.take(4) != " GMT" || !from.empty())
        return std::nullopt;
    auto const civil = from_civil(y, m + 1, d, hour, minute, second);
    if (!civil)
        return std::nullopt;
    return clamped(*civil, nanoseconds(0));
}

std::optional<milliseconds> parse_retry_after(std::string_view text, utc_time_point now) noexcept
{
    constexpr milliseconds longest = hours(24);
    text = trim(text);
    if (text.empty())
        return std::nullopt;
    if (!std::all_of(text.begin(), text.end(), is_digit))
    {
        auto const when = parse_rfc1123(text);
        if (!when)
            return std::nullopt;
        if (*when <= now)
            return milliseconds(0);
        // Whole milliseconds of each, so that the difference cannot overflow.
        auto const wait = floor<milliseconds>(*when) - floor<milliseconds>(now);
        return (std::min)(duration_cast<milliseconds>(wait), longest);
    }
    if (text.size() > 6)
        return longest;
    std::int64_t count = 0;
    for (char const c : text)
        count = count * 10 + (c - '0');
    return (std::min)(milliseconds(seconds(count)), longest);
}

} // namespace kusto::base
