#include "calendar.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace kusto::emulator::kql
{

namespace
{

class scanner
{
public:
    explicit scanner(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] bool done() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] char peek() const noexcept { return done() ? '\0' : text_[at_]; }
    bool take(char c) noexcept
    {
        if (done() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    /// Between `least` and `most` digits.
    bool number(std::size_t least, std::size_t most, std::int64_t& value) noexcept
    {
        std::size_t const start = at_;
        value = 0;
        while (at_ - start < most && peek() >= '0' && peek() <= '9')
            value = value * 10 + (text_[at_++] - '0');
        return at_ - start >= least;
    }
    /// Digits after the point as ticks; digits beyond the seventh are cut.
    bool fraction(std::size_t most, std::int64_t& ticks) noexcept
    {
        std::size_t const start = at_;
        std::int64_t scale = ticks_per_second;
        ticks = 0;
        while (at_ - start < most && peek() >= '0' && peek() <= '9')
        {
            scale /= 10;
            ticks += (text_[at_++] - '0') * scale;
        }
        return at_ > start;
    }
    std::string_view word(std::size_t length) noexcept
    {
        auto const part = text_.substr(at_, length);
        at_ += part.size();
        return part;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

bool leap(std::int64_t year) noexcept
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept
{
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[static_cast<std::size_t>(month - 1)] + (month == 2 && leap(year) ? 1 : 0);
}

bool valid_date(std::int64_t year, std::int64_t month, std::int64_t day) noexcept
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in_month(year, month);
}

std::int64_t days_before(std::int64_t year, std::int64_t month, std::int64_t day) noexcept
{
    std::int64_t const past = year - 1;
    std::int64_t days = past * 365 + past / 4 - past / 100 + past / 400;
    for (std::int64_t m = 1; m < month; ++m)
        days += days_in_month(year, m);
    return days + day - 1;
}

/// `hh:mm[:ss[.fffffff]]`
bool time_of_day(scanner& in, std::int64_t& ticks) noexcept
{
    std::int64_t hour = 0, minute = 0, second = 0, fraction = 0;
    if (!in.number(2, 2, hour) || !in.take(':') || !in.number(2, 2, minute))
        return false;
    if (in.take(':'))
    {
        if (!in.number(2, 2, second))
            return false;
        if (in.take('.') && !in.fraction(9, fraction))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    ticks =
        hour * ticks_per_hour + minute * ticks_per_minute + second * ticks_per_second + fraction;
    return true;
}

/// Nothing, `Z`, `GMT`, `+hh:mm` or `+hhmm`, up to the end of the text.
bool zone(scanner& in, std::int64_t& offset) noexcept
{
    offset = 0;
    if (in.done() || in.take('Z') || in.take('z'))
        return in.done();
    if (in.peek() == 'G')
        return in.word(3) == "GMT" && in.done();
    bool const east = in.take('+');
    if (!east && !in.take('-'))
        return false;
    std::int64_t hours = 0, minutes = 0;
    if (!in.number(2, 2, hours))
        return false;
    in.take(':');
    if (!in.number(2, 2, minutes) || hours > 14 || minutes > 59 || !in.done())
        return false;
    offset = (hours * ticks_per_hour + minutes * ticks_per_minute) * (east ? 1 : -1);
    return true;
}

std::optional<std::int64_t> in_range(std::int64_t ticks) noexcept
{
    if (ticks < 0 || ticks > last_tick)
        return std::nullopt;
    return ticks;
}

std::optional<std::int64_t> parse_iso(std::string_view text) noexcept
{
    scanner in(text);
    std::int64_t year = 0, month = 0, day = 0, time = 0, offset = 0;
    if (!in.number(4, 4, year) || !in.take('-') || !in.number(2, 2, month) || !in.take('-') ||
        !in.number(2, 2, day) || !valid_date(year, month, day))
        return std::nullopt;
    std::int64_t const date = days_before(year, month, day) * ticks_per_day;
    if (in.done())
        return date;
    if (!in.take('T') && !in.take('t') && !in.take(' '))
        return std::nullopt;
    if (!time_of_day(in, time))
        return std::nullopt;
    in.take(' ');
    if (!zone(in, offset))
        return std::nullopt;
    return in_range(date + time - offset);
}

/// `Thu, 01 Jan 2026 10:00:01 GMT`
std::optional<std::int64_t> parse_rfc822(std::string_view text) noexcept
{
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    scanner in(text);
    if (text.size() > 4 && text[3] == ',')
        in.word(4);
    in.take(' ');
    std::int64_t day = 0, year = 0, time = 0, offset = 0;
    if (!in.number(1, 2, day) || !in.take(' '))
        return std::nullopt;
    std::size_t const month = months.find(in.word(3));
    if (month == std::string_view::npos || month % 3 != 0 || !in.take(' ') ||
        !in.number(4, 4, year) || !in.take(' '))
        return std::nullopt;
    auto const number = static_cast<std::int64_t>(month / 3 + 1);
    if (!valid_date(year, number, day) || !time_of_day(in, time) || !in.take(' ') ||
        !zone(in, offset))
        return std::nullopt;
    return in_range(days_before(year, number, day) * ticks_per_day + time - offset);
}

} // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept
{
    if (text.size() > 4 && text[4] == '-')
        return parse_iso(text);
    return parse_rfc822(text);
}

std::string format_datetime(std::int64_t ticks)
{
    std::int64_t const days = ticks / ticks_per_day;
    std::int64_t const rest = ticks % ticks_per_day;
    std::int64_t year = days / 366 + 1;
    while (days_before(year + 1, 1, 1) <= days)
        ++year;
    std::int64_t day = days - days_before(year, 1, 1);
    std::int64_t month = 1;
    while (day >= days_in_month(year, month))
        day -= days_in_month(year, month++);
    std::array<char, 64> buffer{};
    int const length = std::snprintf(
        buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", static_cast<int>(year),
        static_cast<int>(month), static_cast<int>(day + 1), static_cast<int>(rest / ticks_per_hour),
        static_cast<int>(rest / ticks_per_minute % 60),
        static_cast<int>(rest / ticks_per_second % 60), static_cast<int>(rest % ticks_per_second));
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

std::optional<std::int64_t> parse_timespan(std::string_view text) noexcept
{
    scanner in(text);
    bool const negative = in.take('-');
    std::int64_t first = 0, days = 0, hour = 0, minute = 0, second = 0, fraction = 0;
    if (!in.number(1, 8, first))
        return std::nullopt;
    hour = first;
    if (in.take('.'))
    {
        days = first;
        if (!in.number(1, 2, hour))
            return std::nullopt;
    }
    if (!in.take(':') || !in.number(1, 2, minute) || !in.take(':') || !in.number(1, 2, second))
        return std::nullopt;
    if (in.take('.') && !in.fraction(7, fraction))
        return std::nullopt;
    if (!in.done() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    // Unsigned, because the most negative span has no positive counterpart.
    std::uint64_t const time = static_cast<std::uint64_t>(
        hour * ticks_per_hour + minute * ticks_per_minute + second * ticks_per_second + fraction);
    std::uint64_t const limit = (std::uint64_t(1) << 63) - (negative ? 0 : 1);
    std::uint64_t const day_limit = limit / static_cast<std::uint64_t>(ticks_per_day);
    if (static_cast<std::uint64_t>(days) > day_limit)
        return std::nullopt;
    std::uint64_t const total =
        static_cast<std::uint64_t>(days) * static_cast<std::uint64_t>(ticks_per_day) + time;
    if (total > limit)
        return std::nullopt;
    return static_cast<std::int64_t>(negative ? std::uint64_t(0) - total : total);
}

std::string format_timespan(std::int64_t ticks)
{
    bool const negative = ticks < 0;
    std::uint64_t rest = negative ? std::uint64_t(0) - static_cast<std::uint64_t>(ticks)
                                  : static_cast<std::uint64_t>(ticks);
    auto const split = [&](std::int64_t unit)
    {
        auto const count = rest / static_cast<std::uint64_t>(unit);
        rest %= static_cast<std::uint64_t>(unit);
        return static_cast<unsigned long>(count);
    };
    unsigned long const days = split(ticks_per_day);
    unsigned long const hours = split(ticks_per_hour);
    unsigned long const minutes = split(ticks_per_minute);
    unsigned long const seconds = split(ticks_per_second);
    std::array<char, 64> buffer{};
    std::string result = negative ? "-" : "";
    if (days != 0)
        result += std::to_string(days) + ".";
    std::snprintf(buffer.data(), buffer.size(), "%02lu:%02lu:%02lu", hours, minutes, seconds);
    result += buffer.data();
    if (rest != 0)
    {
        std::snprintf(buffer.data(), buffer.size(), ".%07lu", static_cast<unsigned long>(rest));
        result += buffer.data();
    }
    return result;
}

std::int64_t unit_ticks(std::string_view unit) noexcept
{
    struct entry
    {
        std::string_view name;
        std::int64_t ticks;
    };
    constexpr std::array units{
        entry{"d", ticks_per_day},
        entry{"day", ticks_per_day},
        entry{"days", ticks_per_day},
        entry{"h", ticks_per_hour},
        entry{"hour", ticks_per_hour},
        entry{"hours", ticks_per_hour},
        entry{"m", ticks_per_minute},
        entry{"minute", ticks_per_minute},
        entry{"minutes", ticks_per_minute},
        entry{"s", ticks_per_second},
        entry{"sec", ticks_per_second},
        entry{"second", ticks_per_second},
        entry{"seconds", ticks_per_second},
        entry{"ms", ticks_per_second / 1000},
        entry{"millisecond", ticks_per_second / 1000},
        entry{"milliseconds", ticks_per_second / 1000},
        entry{"microsecond", 10},
        entry{"microseconds", 10},
        entry{"tick", 1},
        entry{"ticks", 1},
    };
    for (auto const& candidate : units)
        if (candidate.name == unit)
            return candidate.ticks;
    return 0;
}

std::int64_t now_ticks()
{
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return unix_epoch + std::chrono::duration_cast<
                            std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>>(since)
                            .count();
}

} // namespace kusto::emulator::kql
