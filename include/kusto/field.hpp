#pragma once

#include <boost/describe/bases.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <kusto/types.hpp>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace kusto
{

class value;

/// How a type of the user's becomes a field: specialise it with a static `to_field` that returns a
/// type which is a field already.
/// \code
/// template <>
/// struct kusto::field_traits<my::price>
/// {
///     static kusto::decimal to_field(my::price const& p) { return kusto::decimal(p.cents); }
/// };
/// \endcode
template <class T>
struct field_traits;

namespace detail
{

enum class field_kind
{
    unsupported,
    custom, // through field_traits
    null,
    boolean,
    character,
    integer,
    real,
    text,
    datetime,
    timespan,
    guid,
    decimal,
    dynamic,
    any, // kusto::value
    time_point,
    duration,
    optional,
    enumerator, // described enum, by name
    underlying, // other enum, by number
    map,        // text to field: a JSON object
    sequence,   // JSON array
    tuple,      // JSON array
    object,     // described struct: a JSON object
};

constexpr bool is_composite(field_kind kind) noexcept
{
    return kind == field_kind::map || kind == field_kind::sequence || kind == field_kind::tuple ||
           kind == field_kind::object;
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_system_time = false;
template <class Duration>
inline constexpr bool
    is_system_time<std::chrono::time_point<std::chrono::system_clock, Duration>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = std::is_arithmetic_v<Rep>;

template <class T>
concept has_traits = requires(T const& v) { field_traits<T>::to_field(v); };

template <class T>
concept text_like = std::is_convertible_v<T const&, std::string_view> ||
                    (std::is_array_v<T> && std::is_same_v<std::remove_extent_t<T>, char>);

template <class T>
concept iterable = requires(T const& v) {
    std::begin(v) != std::end(v);
    *std::begin(v);
};

// The elements of a container. A type that iterates over itself (a path) is not one.
template <class T>
using element_of = std::remove_cvref_t<decltype(*std::begin(std::declval<T const&>()))>;

template <class T>
concept sequence_like = iterable<T> && !std::is_same_v<element_of<T>, T>;

template <class T>
concept map_like = sequence_like<T> && requires {
    typename T::mapped_type;
    typename T::key_type;
} && text_like<typename T::key_type>;

template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; };

template <class T>
inline constexpr bool is_described_struct =
    std::is_class_v<T> && boost::describe::has_describe_members<T>::value &&
    boost::describe::has_describe_bases<T>::value;

template <class T>
inline constexpr bool is_wide_character =
    std::is_same_v<T, wchar_t> || std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> ||
    std::is_same_v<T, char32_t>;

template <class T>
constexpr field_kind classify_arithmetic() noexcept
{
    if constexpr (std::is_same_v<T, bool>)
        return field_kind::boolean;
    else if constexpr (std::is_same_v<T, char>)
        return field_kind::character;
    else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
        return field_kind::real;
    else if constexpr (std::is_integral_v<T> && sizeof(T) <= 8 && !is_wide_character<T>)
        return field_kind::integer;
    else
        return field_kind::unsupported;
}

template <class T>
constexpr field_kind classify_class() noexcept
{
    if constexpr (is_system_time<T>)
        return field_kind::time_point;
    else if constexpr (is_duration<T>)
        return field_kind::duration;
    else if constexpr (is_optional<T>)
        return field_kind::optional;
    else if constexpr (is_described_struct<T>)
        return field_kind::object;
    else if constexpr (map_like<T>)
        return field_kind::map;
    else if constexpr (sequence_like<T>)
        return field_kind::sequence;
    else if constexpr (tuple_like<T>)
        return field_kind::tuple;
    else
        return field_kind::unsupported;
}

template <class T>
constexpr field_kind classify_field() noexcept
{
    if constexpr (has_traits<T>)
        return field_kind::custom;
    else if constexpr (std::is_same_v<T, null_t> || std::is_same_v<T, std::nullptr_t> ||
                       std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::monostate>)
        return field_kind::null;
    else if constexpr (std::is_arithmetic_v<T>)
        return classify_arithmetic<T>();
    else if constexpr (std::is_enum_v<T>)
        return boost::describe::has_describe_enumerators<T>::value ? field_kind::enumerator
                                                                   : field_kind::underlying;
    else if constexpr (text_like<T>)
        return field_kind::text;
    else if constexpr (std::is_same_v<T, datetime>)
        return field_kind::datetime;
    else if constexpr (std::is_same_v<T, timespan>)
        return field_kind::timespan;
    else if constexpr (std::is_same_v<T, guid>)
        return field_kind::guid;
    else if constexpr (std::is_same_v<T, decimal>)
        return field_kind::decimal;
    else if constexpr (std::is_same_v<T, dynamic>)
        return field_kind::dynamic;
    else if constexpr (std::is_same_v<T, value>)
        return field_kind::any;
    else
        return classify_class<T>();
}

template <class T>
inline constexpr field_kind kind_of = classify_field<T>();

/// What `field_traits<T>::to_field` returns.
template <class T>
using custom_field =
    std::remove_cvref_t<decltype(field_traits<T>::to_field(std::declval<T const&>()))>;

template <class T>
constexpr bool is_field() noexcept;

template <class T>
constexpr bool are_elements_fields() noexcept
{
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return (is_field<std::remove_cvref_t<std::tuple_element_t<I, T>>>() && ...);
    }(std::make_index_sequence<std::tuple_size<T>::value>());
}

// The members of a nested described struct are left unchecked here: it may contain itself.
template <class T>
constexpr bool is_field() noexcept
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::custom)
        return is_field<custom_field<T>>();
    else if constexpr (kind == field_kind::optional)
        return is_field<typename T::value_type>();
    else if constexpr (kind == field_kind::map)
        return is_field<typename T::mapped_type>();
    else if constexpr (kind == field_kind::sequence)
        return is_field<element_of<T>>() || kind_of<element_of<T>> == field_kind::object;
    else if constexpr (kind == field_kind::tuple)
        return are_elements_fields<T>();
    else
        return kind != field_kind::unsupported;
}

constexpr std::string_view integer_type_name(std::size_t size, bool is_signed) noexcept
{
    return size < 4 || (size == 4 && is_signed) ? "int" : "long";
}

template <class T>
constexpr std::string_view type_name_of() noexcept
{
    constexpr auto kind = kind_of<T>;
    static_assert(kind != field_kind::any && kind != field_kind::null,
                  "a field of this type has no fixed Kusto type");
    static_assert(kind != field_kind::unsupported, "this type is no field");
    if constexpr (kind == field_kind::custom)
        return type_name_of<custom_field<T>>();
    else if constexpr (kind == field_kind::optional)
        return type_name_of<typename T::value_type>();
    else if constexpr (kind == field_kind::underlying)
        return type_name_of<std::underlying_type_t<T>>();
    else if constexpr (kind == field_kind::integer)
        return integer_type_name(sizeof(T), std::is_signed_v<T>);
    else if constexpr (kind == field_kind::boolean)
        return "bool";
    else if constexpr (kind == field_kind::real)
        return "real";
    else if constexpr (kind == field_kind::datetime || kind == field_kind::time_point)
        return "datetime";
    else if constexpr (kind == field_kind::timespan || kind == field_kind::duration)
        return "timespan";
    else if constexpr (kind == field_kind::guid)
        return "guid";
    else if constexpr (kind == field_kind::decimal)
        return "decimal";
    else if constexpr (kind == field_kind::text || kind == field_kind::character ||
                       kind == field_kind::enumerator)
        return "string";
    else
        return "dynamic";
}

/// Whether the type, seen through wrappers, becomes JSON.
template <class T>
constexpr bool is_dynamic_column() noexcept
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::custom)
        return is_dynamic_column<custom_field<T>>();
    else if constexpr (kind == field_kind::optional)
        return is_dynamic_column<typename T::value_type>();
    else
        return is_composite(kind) || kind == field_kind::dynamic;
}

} // namespace detail

/// A type that can be one field of a record:
/// - `bool`, integers, `float`, `double`, `char`; enums (by name if described with Boost.Describe,
///   else by number)
/// - `std::string`, `std::string_view`, `char const*` (null pointer: null), `char[N]`
/// - points of `std::chrono::system_clock`, durations
/// - `datetime`, `timespan`, `guid`, `decimal`, `dynamic`, `value`, `null`
/// - `std::optional` of a field; empty is null
/// - as `dynamic`: containers, maps from text, tuples, described structs, in any depth
/// - what `field_traits` is specialised for
template <class T>
concept field = detail::is_field<std::remove_cv_t<T>>();

/// Kusto's name of the column type that fits the C++ type: `long`, `datetime`, ...
template <field T>
inline constexpr std::string_view kusto_type_name = detail::type_name_of<std::remove_cv_t<T>>();

} // namespace kusto
