#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>

namespace kusto
{

/// Kusto's unit of time: 100 ns.
using tick_duration = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

namespace detail
{

[[noreturn]] void throw_timespan_range();
[[noreturn]] void throw_datetime_range();

/// A duration in ticks, rounded towards zero (or down); false if it is not finite or out of range.
template <bool round_down, class Rep, class Period>
[[nodiscard]] constexpr bool to_ticks(std::chrono::duration<Rep, Period> value,
                                      std::int64_t& ticks) noexcept
{
    using scale = std::ratio_divide<Period, tick_duration::period>;
    if constexpr (std::is_floating_point_v<Rep>)
    {
        long double const exact = static_cast<long double>(value.count()) * scale::num / scale::den;
        if (!(exact >= -9223372036854775808.0L && exact < 9223372036854775808.0L))
            return false;
        ticks = static_cast<std::int64_t>(exact);
        if (round_down && static_cast<long double>(ticks) > exact)
            --ticks;
        return true;
    }
    else
    {
        static_assert(std::is_integral_v<Rep>, "durations count in integers or floating point");
        auto const count = value.count();
        if constexpr (std::is_unsigned_v<Rep>)
            if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return false;
        std::int64_t const whole = static_cast<std::int64_t>(count) / scale::den;
        std::int64_t const rest = static_cast<std::int64_t>(count) % scale::den;
        std::int64_t const part = rest * scale::num / scale::den;
        if (__builtin_mul_overflow(whole, static_cast<std::int64_t>(scale::num), &ticks) ||
            __builtin_add_overflow(ticks, part, &ticks))
            return false;
        if (round_down && rest * scale::num % scale::den < 0)
            return !__builtin_sub_overflow(ticks, std::int64_t(1), &ticks);
        return true;
    }
}

} // namespace detail

/// Kusto `timespan`: a signed number of 100 ns ticks, about ±29,227 years.
///
/// \par Thread safety
/// A value type.
class timespan
{
public:
    constexpr timespan() = default;
    /// Rounds towards zero to a whole tick.
    /// \throws error `errc::invalid_record` if the duration does not fit
    template <class Rep, class Period>
    constexpr timespan(std::chrono::duration<Rep, Period> value)
    {
        if (!detail::to_ticks<false>(value, ticks_))
            detail::throw_timespan_range();
    }
    [[nodiscard]] static constexpr timespan from_ticks(std::int64_t ticks) noexcept
    {
        timespan made;
        made.ticks_ = ticks;
        return made;
    }
    /// `[-][d.]hh:mm:ss[.fffffff]`; nothing if the text is anything else or out of range.
    [[nodiscard]] static std::optional<timespan> try_parse(std::string_view text) noexcept;
    /// As `try_parse`. \throws error `errc::invalid_record`
    [[nodiscard]] static timespan parse(std::string_view text);

    [[nodiscard]] constexpr std::int64_t ticks() const noexcept { return ticks_; }
    [[nodiscard]] constexpr tick_duration duration() const noexcept
    {
        return tick_duration(ticks_);
    }
    /// `[-][d.]hh:mm:ss[.fffffff]`: days and fraction only if they are not zero.
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(timespan, timespan) = default;

private:
    std::int64_t ticks_ = 0;
};

/// Kusto `datetime`: UTC in ticks of 100 ns since 0001-01-01, up to 9999-12-31T23:59:59.9999999.
///
/// \par Thread safety
/// A value type.
class datetime
{
public:
    /// A point of the system clock of any precision, which C++20 defines as UTC.
    template <class Duration>
    using sys_time = std::chrono::time_point<std::chrono::system_clock, Duration>;

    static constexpr std::int64_t max_ticks = 3'155'378'975'999'999'999;
    /// 1970-01-01.
    static constexpr std::int64_t unix_epoch_ticks = 621'355'968'000'000'000;

    /// 0001-01-01T00:00:00.
    constexpr datetime() = default;
    /// Rounds down to a whole tick. \throws error `errc::invalid_record` outside of the years 1 to
    /// 9999
    template <class Duration>
    constexpr datetime(sys_time<Duration> when)
    {
        if (!from_sys_time(when, ticks_))
            detail::throw_datetime_range();
    }
    /// \param year 1 to 9999 \param month 1 to 12 \param day of the month, from 1 \param hour 0 to
    /// 23 \param minute 0 to 59 \param second 0 to 59 \param ticks 0 to 9,999,999
    /// \throws error `errc::invalid_record` if there is no such time
    datetime(int year, int month, int day, int hour = 0, int minute = 0, int second = 0,
             int ticks = 0);
    /// \throws error `errc::invalid_record` if `ticks` is not in 0 to `max_ticks`
    [[nodiscard]] static constexpr datetime from_ticks(std::int64_t ticks)
    {
        if (ticks < 0 || ticks > max_ticks)
            detail::throw_datetime_range();
        datetime made;
        made.ticks_ = ticks;
        return made;
    }
    [[nodiscard]] static datetime now() { return datetime(std::chrono::system_clock::now()); }

    /// ISO 8601: `2026-01-01`, `2026-01-01T10:00`, `2026-01-01 10:00:01.1234567Z`, also with an
    /// offset such as `+05:30`. No zone means UTC; digits after the seventh are cut. Nothing if the
    /// text is anything else or there is no such time.
    [[nodiscard]] static std::optional<datetime> try_parse(std::string_view text) noexcept;
    /// As `try_parse`. \throws error `errc::invalid_record`
    [[nodiscard]] static datetime parse(std::string_view text);

    [[nodiscard]] constexpr std::int64_t ticks() const noexcept { return ticks_; }
    /// The same point on the system clock, exactly. Convert to
    /// `std::chrono::system_clock::time_point` with `time_point_cast`; that covers 1677 to 2262.
    [[nodiscard]] constexpr sys_time<tick_duration> time_point() const noexcept
    {
        return sys_time<tick_duration>(tick_duration(ticks_ - unix_epoch_ticks));
    }
    /// `YYYY-MM-DDTHH:MM:SS.fffffffZ`, always 28 characters.
    [[nodiscard]] std::string to_string() const;

    /// Ticks of a point in time; false outside of the years 1 to 9999.
    template <class Duration>
    [[nodiscard]] static constexpr bool from_sys_time(sys_time<Duration> when,
                                                      std::int64_t& ticks) noexcept
    {
        std::int64_t since_epoch = 0;
        if (!detail::to_ticks<true>(when.time_since_epoch(), since_epoch) ||
            since_epoch < -unix_epoch_ticks || since_epoch > max_ticks - unix_epoch_ticks)
            return false;
        ticks = since_epoch + unix_epoch_ticks;
        return true;
    }

    friend constexpr auto operator<=>(datetime, datetime) = default;
    friend constexpr timespan operator-(datetime a, datetime b) noexcept
    {
        return timespan::from_ticks(a.ticks_ - b.ticks_);
    }

private:
    std::int64_t ticks_ = 0;
};

namespace detail
{

constexpr std::size_t datetime_text_size = 28;
constexpr std::size_t timespan_text_size = 26;
/// Write text without terminator and return its end; room as above is needed.
char* format_datetime(std::int64_t ticks, char* out) noexcept;
char* format_timespan(std::int64_t ticks, char* out) noexcept;

} // namespace detail

} // namespace kusto
