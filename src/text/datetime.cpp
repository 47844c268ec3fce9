#include <kusto/datetime.hpp>

#include <text/digits.hpp>
#include <text/encode_error.hpp>

namespace kusto
{

namespace
{

constexpr std::int64_t ticks_per_second = 10'000'000;
constexpr std::int64_t ticks_per_minute = 60 * ticks_per_second;
constexpr std::int64_t ticks_per_hour = 60 * ticks_per_minute;
constexpr std::int64_t ticks_per_day = 24 * ticks_per_hour;

constexpr bool is_leap(int year) noexcept
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_in_month(int year, int month) noexcept
{
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/// Days since 0001-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that
/// the leap day is the last one.
constexpr std::int64_t days_from_civil(int year, int month, int day) noexcept
{
    int const y = month <= 2 ? year - 1 : year;
    int const era = y / 400;
    int const year_of_era = y - era * 400;
    int const day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return std::int64_t(era) * 146097 + day_of_era - 306;
}
static_assert(days_from_civil(1, 1, 1) == 0);
static_assert(days_from_civil(1970, 1, 1) * ticks_per_day == datetime::unix_epoch_ticks);
static_assert((days_from_civil(9999, 12, 31) + 1) * ticks_per_day == datetime::max_ticks + 1);

struct civil
{
    int year;
    int month;
    int day;
};

constexpr civil civil_from_days(std::int64_t days) noexcept
{
    auto const shifted = static_cast<int>(days + 306);
    int const era = shifted / 146097;
    int const day_of_era = shifted - era * 146097;
    int const year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int const shifted_month = (5 * day_of_year + 2) / 153;
    civil made{};
    made.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    made.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    made.year = era * 400 + year_of_era + (made.month <= 2 ? 1 : 0);
    return made;
}

/// `hh:mm:ss`.
char* put_clock(char* out, std::uint64_t ticks_of_day) noexcept
{
    auto const seconds = static_cast<std::uint32_t>(ticks_of_day / ticks_per_second);
    auto const minutes = seconds / 60;
    out = text::put_2_digits(out, minutes / 60);
    *out++ = ':';
    out = text::put_2_digits(out, minutes % 60);
    *out++ = ':';
    return text::put_2_digits(out, seconds % 60);
}

/// Seven digits.
char* put_fraction(char* out, std::uint64_t ticks) noexcept
{
    auto const fraction = static_cast<std::uint32_t>(ticks % ticks_per_second);
    *out++ = static_cast<char>('0' + fraction / 1'000'000);
    out = text::put_2_digits(out, fraction / 10'000 % 100);
    return text::put_4_digits(out, fraction % 10'000);
}

/// A place in a text, and parts of times there.
class cursor
{
public:
    explicit cursor(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] bool done() const noexcept { return text_.empty(); }
    [[nodiscard]] bool at_digit() const noexcept
    {
        return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
    }
    bool take(char c) noexcept
    {
        if (text_.empty() || text_.front() != c)
            return false;
        text_.remove_prefix(1);
        return true;
    }
    /// A number of `least` to `most` digits, not above `limit`.
    bool number(int least, int most, std::int64_t limit, std::int64_t& into) noexcept
    {
        into = 0;
        int count = 0;
        for (; count < most && at_digit(); ++count)
        {
            into = into * 10 + (text_.front() - '0');
            text_.remove_prefix(1);
        }
        return count >= least && into <= limit;
    }
    /// Seven digits, fewer or more; the ones after the seventh are cut.
    bool fraction(std::int64_t& ticks) noexcept
    {
        ticks = 0;
        if (!at_digit())
            return false;
        for (std::int64_t weight = ticks_per_second / 10; at_digit(); weight /= 10)
        {
            ticks += (text_.front() - '0') * weight;
            text_.remove_prefix(1);
        }
        return true;
    }

private:
    std::string_view text_;
};

/// `Z`, `+hh:mm`, `+hhmm`, `+hh` or nothing; in ticks.
bool parse_zone(cursor& at, std::int64_t& offset) noexcept
{
    offset = 0;
    if (at.done() || at.take('Z') || at.take('z'))
        return true;
    bool const west = at.take('-');
    if (!west && !at.take('+'))
        return false;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!at.number(2, 2, 14, hours))
        return false;
    if ((at.take(':') || at.at_digit()) && !at.number(2, 2, 59, minutes))
        return false;
    offset = hours * ticks_per_hour + minutes * ticks_per_minute;
    if (west)
        offset = -offset;
    return true;
}

/// `hh:mm[:ss[.f]]` and the zone; in ticks of UTC.
bool parse_clock(cursor& at, std::int64_t& ticks) noexcept
{
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::int64_t fraction = 0;
    std::int64_t offset = 0;
    if (!at.number(2, 2, 23, hour) || !at.take(':') || !at.number(2, 2, 59, minute))
        return false;
    if (at.take(':'))
    {
        if (!at.number(2, 2, 59, second) || (at.take('.') && !at.fraction(fraction)))
            return false;
    }
    if (!parse_zone(at, offset))
        return false;
    ticks = hour * ticks_per_hour + minute * ticks_per_minute + second * ticks_per_second +
            fraction - offset;
    return true;
}

} // namespace

namespace detail
{

void throw_timespan_range()
{
    text::throw_encode_error(errc::invalid_record,
                             "a duration does not fit into timespan; use finite durations below "
                             "29,227 years");
}

void throw_datetime_range()
{
    text::throw_encode_error(errc::invalid_record,
                             "a time is out of the range of datetime, 0001-01-01 to "
                             "9999-12-31T23:59:59.9999999");
}

char* format_datetime(std::int64_t ticks, char* out) noexcept
{
    auto const date = civil_from_days(ticks / ticks_per_day);
    auto const of_day = static_cast<std::uint64_t>(ticks % ticks_per_day);
    out = text::put_4_digits(out, static_cast<std::uint32_t>(date.year));
    *out++ = '-';
    out = text::put_2_digits(out, static_cast<std::uint32_t>(date.month));
    *out++ = '-';
    out = text::put_2_digits(out, static_cast<std::uint32_t>(date.day));
    *out++ = 'T';
    out = put_clock(out, of_day);
    *out++ = '.';
    out = put_fraction(out, of_day);
    *out++ = 'Z';
    return out;
}

char* format_timespan(std::int64_t ticks, char* out) noexcept
{
    // Unsigned, because the smallest number has no positive counterpart.
    auto magnitude = static_cast<std::uint64_t>(ticks);
    if (ticks < 0)
    {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    auto const days = magnitude / ticks_per_day;
    if (days != 0)
    {
        out = text::put_unsigned(out, days);
        *out++ = '.';
    }
    out = put_clock(out, magnitude % ticks_per_day);
    if (magnitude % ticks_per_second != 0)
    {
        *out++ = '.';
        out = put_fraction(out, magnitude);
    }
    return out;
}

} // namespace detail

std::optional<timespan> timespan::try_parse(std::string_view text) noexcept
{
    cursor at(text);
    bool const negative = at.take('-');
    std::int64_t first = 0;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    std::int64_t fraction = 0;
    if (!at.number(1, 8, 10'675'199, first))
        return std::nullopt;
    bool const has_days = at.take('.');
    if (has_days ? !at.number(2, 2, 23, hours) : first > 23)
        return std::nullopt;
    if (!at.take(':') || !at.number(2, 2, 59, minutes) || !at.take(':') ||
        !at.number(2, 2, 59, seconds) || (at.take('.') && !at.fraction(fraction)) || !at.done())
        return std::nullopt;
    std::int64_t const days = has_days ? first : 0;
    if (!has_days)
        hours = first;
    // Built as a negative number, whose range is larger by one.
    std::int64_t const of_day =
        hours * ticks_per_hour + minutes * ticks_per_minute + seconds * ticks_per_second + fraction;
    std::int64_t ticks = 0;
    if (__builtin_sub_overflow(-days * ticks_per_day, of_day, &ticks) ||
        (!negative && __builtin_sub_overflow(std::int64_t(0), ticks, &ticks)))
        return std::nullopt;
    return from_ticks(ticks);
}

timespan timespan::parse(std::string_view text)
{
    if (auto const parsed = try_parse(text))
        return *parsed;
    text::throw_encode_error(errc::invalid_record, "\"" + text::excerpt(text) +
                                                       "\" is no timespan; write "
                                                       "[-][d.]hh:mm:ss[.fffffff]");
}

std::string timespan::to_string() const
{
    char text[detail::timespan_text_size];
    return std::string(text, detail::format_timespan(ticks_, text));
}

datetime::datetime(int year, int month, int day, int hour, int minute, int second, int ticks)
{
    bool const date_exists = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
                             day <= days_in_month(year, month);
    auto const below = [](int v, std::int64_t limit) { return v >= 0 && v < limit; };
    if (!date_exists || !below(hour, 24) || !below(minute, 60) || !below(second, 60) ||
        !below(ticks, ticks_per_second))
        detail::throw_datetime_range();
    ticks_ = days_from_civil(year, month, day) * ticks_per_day + hour * ticks_per_hour +
             minute * ticks_per_minute + second * ticks_per_second + ticks;
}

std::optional<datetime> datetime::try_parse(std::string_view text) noexcept
{
    cursor at(text);
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!at.number(4, 4, 9999, year) || !at.take('-') || !at.number(2, 2, 12, month) ||
        !at.take('-') || !at.number(2, 2, 31, day))
        return std::nullopt;
    if (year < 1 || month < 1 || day < 1 ||
        day > days_in_month(static_cast<int>(year), static_cast<int>(month)))
        return std::nullopt;
    std::int64_t of_day = 0;
    if (at.take('T') || at.take('t') || at.take(' '))
    {
        if (!parse_clock(at, of_day))
            return std::nullopt;
    }
    if (!at.done())
        return std::nullopt;
    auto const ticks =
        days_from_civil(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day)) *
            ticks_per_day +
        of_day;
    if (ticks < 0 || ticks > max_ticks)
        return std::nullopt;
    return from_ticks(ticks);
}

datetime datetime::parse(std::string_view text)
{
    if (auto const parsed = try_parse(text))
        return *parsed;
    text::throw_encode_error(errc::invalid_record,
                             "\"" + text::excerpt(text) +
                                 "\" is no datetime from 0001-01-01 to 9999-12-31; write ISO 8601 "
                                 "such as 2026-01-01T10:00:01.1234567Z");
}

std::string datetime::to_string() const
{
    char text[detail::datetime_text_size];
    return std::string(text, detail::format_datetime(ticks_, text));
}

} // namespace kusto
