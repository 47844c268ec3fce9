#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <kusto/types.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace kusto
{

/// What a `value` holds.
enum class value_kind
{
    null,
    boolean,
    int32,
    int64,
    real,
    decimal,
    datetime,
    timespan,
    guid,
    string,
    dynamic,
};

/// Kusto's name of the type: `bool`, `int`, `long`, `real`, ...; `null` for `value_kind::null`.
[[nodiscard]] std::string_view to_string(value_kind kind) noexcept;

/// Thrown by `value::get` when the value holds something else. Says what is held and what was
/// wanted.
class bad_value_access : public std::logic_error
{
public:
    bad_value_access(value_kind held, std::string_view wanted);
    [[nodiscard]] value_kind held() const noexcept { return held_; }

private:
    value_kind held_;
};

namespace detail
{
[[noreturn]] void throw_long_range(std::uint64_t given);
} // namespace detail

/// A null or one value of a Kusto type.
///
/// Made implicitly from C++ values: integers up to 32 bits become `int` (unsigned 32 bits: `long`),
/// larger ones `long`, floating point `real`, text `string`, points of the system clock `datetime`,
/// durations `timespan`, an empty `optional` null.
///
/// \par Thread safety
/// A value type.
class value
{
public:
    using storage = std::variant<null_t, bool, std::int32_t, std::int64_t, double, decimal,
                                 datetime, timespan, guid, std::string, dynamic>;

    /// Null.
    value() = default;
    value(null_t) {}
    value(std::nullptr_t) {}
    template <std::same_as<bool> Bool>
    value(Bool v) : held_(v)
    {
    }
    /// \throws error `errc::invalid_record` if an unsigned number exceeds the range of `long`
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
    value(Integer v)
    {
        if constexpr (sizeof(Integer) < 4 || (sizeof(Integer) == 4 && std::is_signed_v<Integer>))
            held_ = static_cast<std::int32_t>(v);
        else
        {
            if constexpr (std::is_unsigned_v<Integer>)
                if (v > static_cast<std::uint64_t>(INT64_MAX))
                    detail::throw_long_range(v);
            held_ = static_cast<std::int64_t>(v);
        }
    }
    template <std::floating_point Real>
    value(Real v) : held_(static_cast<double>(v))
    {
    }
    value(std::string v) : held_(std::move(v)) {}
    value(std::string_view v) : held_(std::string(v)) {}
    value(char const* v) : held_(std::string(v)) {}
    value(decimal v) : held_(v) {}
    value(datetime v) : held_(v) {}
    value(timespan v) : held_(v) {}
    value(guid v) : held_(v) {}
    value(dynamic v) : held_(std::move(v)) {}
    template <class Duration>
    value(std::chrono::time_point<std::chrono::system_clock, Duration> v) : held_(datetime(v))
    {
    }
    template <class Rep, class Period>
    value(std::chrono::duration<Rep, Period> v) : held_(timespan(v))
    {
    }
    template <class T>
    value(std::optional<T> v)
    {
        if (v)
            *this = value(*std::move(v));
    }

    [[nodiscard]] value_kind kind() const noexcept
    {
        return static_cast<value_kind>(held_.index());
    }
    [[nodiscard]] bool is_null() const noexcept { return held_.index() == 0; }

    /// The value as `T`: `bool`, a signed integer of 4 or 8 bytes (an `int` may be read as `long`),
    /// `double`, `decimal`, `datetime`, `timespan`, `guid`, `std::string`, `std::string_view` or
    /// `dynamic`. Objects come as references into this value.
    /// \throws bad_value_access if it is null or holds something else
    template <class T>
    [[nodiscard]] decltype(auto) get() const
    {
        if constexpr (std::is_same_v<T, std::string_view>)
            return std::string_view(held<std::string>());
        else if constexpr (std::integral<T> && !std::same_as<T, bool>)
            return get_integer<T>();
        else
            return held<T>();
    }

    /// The text that a CSV field of this value has before quoting; empty for null.
    [[nodiscard]] std::string to_text() const;

    /// For visiting.
    [[nodiscard]] storage const& alternatives() const noexcept { return held_; }

    /// Same kind and same content, except that `int` and `long` compare by number. Nulls are equal.
    [[nodiscard]] friend bool operator==(value const& a, value const& b)
    {
        auto const left = a.integer();
        auto const right = b.integer();
        return left && right ? *left == *right : a.held_ == b.held_;
    }

private:
    template <class T>
    [[nodiscard]] T const& held() const
    {
        if (auto const* found = std::get_if<T>(&held_))
            return *found;
        throw_mismatch(storage(T()).index());
    }
    template <class Integer>
    [[nodiscard]] Integer get_integer() const
    {
        static_assert(std::is_signed_v<Integer> && sizeof(Integer) >= 4,
                      "Kusto's integers are int (4 bytes) and long (8 bytes), both signed");
        auto const found = integer();
        if (!found || (sizeof(Integer) == 4 && kind() != value_kind::int32))
            throw_mismatch(sizeof(Integer) == 4 ? 2 : 3);
        return static_cast<Integer>(*found);
    }
    [[nodiscard]] std::optional<std::int64_t> integer() const noexcept
    {
        if (auto const* narrow = std::get_if<std::int32_t>(&held_))
            return *narrow;
        if (auto const* wide = std::get_if<std::int64_t>(&held_))
            return *wide;
        return std::nullopt;
    }
    [[noreturn]] void throw_mismatch(std::size_t wanted) const;

    storage held_;
};

} // namespace kusto
