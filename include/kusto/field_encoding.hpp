#pragma once

#include <cstring>
#include <kusto/encoder.hpp>
#include <kusto/field.hpp>
#include <tuple>

// How one field is written, as CSV or as JSON.
namespace kusto::detail
{

template <class T>
using described_members =
    boost::describe::describe_members<T, boost::describe::mod_public |
                                             boost::describe::mod_inherited>;

constexpr bool is_text(field_kind kind) noexcept
{
    return kind == field_kind::text || kind == field_kind::character;
}

template <class T>
bool is_null_text([[maybe_unused]] T const& v) noexcept
{
    if constexpr (std::is_pointer_v<T>)
        return v == nullptr;
    else
        return false;
}

template <class T>
std::string_view text_of(T const& v) noexcept
{
    if constexpr (kind_of<T> == field_kind::character)
        return std::string_view(&v, 1);
    else if constexpr (std::is_array_v<T>)
    {
        auto const* end = static_cast<char const*>(std::memchr(v, 0, sizeof(T)));
        return {v, end ? static_cast<std::size_t>(end - v) : sizeof(T)};
    }
    else
        return std::string_view(v);
}

template <class E>
char const* enumerator_name(E v) noexcept
{
    return boost::describe::enum_to_string(v, nullptr);
}

template <class T>
void put_composite(json_encoder& to, T const& v);

/// A `long`; larger numbers are refused.
template <class T>
std::int64_t long_of(record_encoder const& record, T v)
{
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8)
        if (v > static_cast<std::uint64_t>(INT64_MAX))
            record.fail_unsigned(v);
    return static_cast<std::int64_t>(v);
}

/// Points in time and durations of `<chrono>`, in ticks.
template <class T>
std::int64_t ticks_of(record_encoder const& record, T const& v)
{
    std::int64_t ticks = 0;
    if constexpr (kind_of<T> == field_kind::time_point)
    {
        if (!datetime::from_sys_time(v, ticks))
            record.fail_range("a time point",
                              "use times from 0001-01-01 to 9999-12-31T23:59:59.9999999");
    }
    else if (!to_ticks<false>(v, ticks))
        record.fail_range("a duration", "use finite durations below 29,227 years");
    return ticks;
}

/// Writes one value as JSON.
template <class T>
void put(json_encoder& to, T const& v);

/// Fields that another field stands for.
template <class T>
void put_wrapped(json_encoder& to, T const& v)
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::custom)
        put(to, field_traits<T>::to_field(v));
    else if constexpr (kind == field_kind::optional)
        v ? put(to, *v) : to.null();
    else
    {
        if constexpr (kind == field_kind::enumerator)
            if (auto const* name = enumerator_name(v))
                return to.text(name);
        put(to, static_cast<std::underlying_type_t<T>>(v));
    }
}

template <class T>
void put(json_encoder& to, T const& v)
{
    constexpr auto kind = kind_of<T>;
    static_assert(kind != field_kind::unsupported,
                  "this type is no field: specialise kusto::field_traits for it");
    if constexpr (kind == field_kind::null)
        to.null();
    else if constexpr (kind == field_kind::boolean)
        to.boolean(v);
    else if constexpr (kind == field_kind::integer)
        to.integer(long_of(to.record(), v));
    else if constexpr (kind == field_kind::real)
        to.real(v);
    else if constexpr (kind == field_kind::datetime)
        to.datetime(v.ticks());
    else if constexpr (kind == field_kind::timespan)
        to.timespan(v.ticks());
    else if constexpr (kind == field_kind::time_point)
        to.datetime(ticks_of(to.record(), v));
    else if constexpr (kind == field_kind::duration)
        to.timespan(ticks_of(to.record(), v));
    else if constexpr (kind == field_kind::guid)
        to.guid(v);
    else if constexpr (kind == field_kind::decimal)
        to.decimal(v);
    else if constexpr (kind == field_kind::dynamic)
        to.dynamic(v);
    else if constexpr (kind == field_kind::any)
        to.any(v);
    else if constexpr (is_composite(kind))
        put_composite(to, v);
    else if constexpr (is_text(kind))
        is_null_text(v) ? to.null() : to.text(text_of(v));
    else
        put_wrapped(to, v);
}

/// `put_member` writes one member's value.
template <class T, class PutMember>
void put_members(json_encoder& to, T const& v, PutMember put_member)
{
    char next = '{';
    boost::mp11::mp_for_each<described_members<T>>(
        [&](auto member)
        {
            to.raw(next);
            to.raw('"');
            to.raw(std::string_view(member.name));
            to.raw("\":");
            put_member(v.*member.pointer);
            next = ',';
        });
    if (next == '{')
        to.raw('{');
    to.raw('}');
}

template <class T>
void put_composite(json_encoder& to, T const& v)
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::object)
        put_members(to, v, [&](auto const& member) { put(to, member); });
    else if constexpr (kind == field_kind::map)
    {
        to.raw('{');
        bool first = true;
        for (auto const& [key, mapped] : v)
        {
            if (!first)
                to.raw(',');
            first = false;
            to.text(text_of(key));
            to.raw(':');
            put(to, mapped);
        }
        to.raw('}');
    }
    else if constexpr (kind == field_kind::sequence)
    {
        to.raw('[');
        bool first = true;
        for (auto const& element : v)
        {
            if (!first)
                to.raw(',');
            first = false;
            put(to, element);
        }
        to.raw(']');
    }
    else
    {
        to.raw('[');
        bool first = true;
        std::apply(
            [&](auto const&... element)
            {
                ((first ? void() : to.raw(','), first = false, put(to, element)), ...);
            },
            v);
        to.raw(']');
    }
}

/// Bytes that a CSV field needs at most; 0 for those without a limit.
template <class T>
constexpr std::size_t limit_of() noexcept
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::custom)
        return limit_of<custom_field<T>>();
    else if constexpr (kind == field_kind::optional)
        return limit_of<typename T::value_type>();
    else if constexpr (kind == field_kind::boolean)
        return boolean_text_size;
    else if constexpr (kind == field_kind::integer || kind == field_kind::enumerator ||
                       kind == field_kind::underlying)
        return integer_text_size;
    else if constexpr (kind == field_kind::real)
        return real_text_size;
    else if constexpr (kind == field_kind::datetime || kind == field_kind::time_point)
        return datetime_text_size;
    else if constexpr (kind == field_kind::timespan || kind == field_kind::duration)
        return timespan_text_size;
    else if constexpr (kind == field_kind::guid)
        return guid_text_size;
    else if constexpr (kind == field_kind::decimal)
        return decimal::text_size;
    else
        return kind == field_kind::any ? csv_encoder::any_text_size : 0;
}

template <class T>
char* put_csv(csv_encoder& to, char* at, T const& v);

/// Fields without a limit.
template <class T>
char* put_csv_text(csv_encoder& to, char* at, T const& v)
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::dynamic)
        return to.text(at, v.text());
    else if constexpr (is_composite(kind))
    {
        auto const begin = to.commit(at);
        json_encoder json(to);
        put_composite(json, v);
        return to.seal(begin);
    }
    else
        return is_null_text(v) ? at : to.text(at, text_of(v));
}

/// Fields that another field stands for.
template <class T>
char* put_csv_wrapped(csv_encoder& to, char* at, T const& v)
{
    constexpr auto kind = kind_of<T>;
    if constexpr (kind == field_kind::custom)
        return put_csv(to, at, field_traits<T>::to_field(v));
    else if constexpr (kind == field_kind::optional)
        return v ? put_csv(to, at, *v) : at;
    else
    {
        if constexpr (kind == field_kind::enumerator)
            if (auto const* name = enumerator_name(v))
                return to.text(at, name);
        return put_csv(to, at, static_cast<std::underlying_type_t<T>>(v));
    }
}

/// Writes one field as CSV at `at`. \returns its end
template <class T>
char* put_csv(csv_encoder& to, char* at, T const& v)
{
    constexpr auto kind = kind_of<T>;
    static_assert(kind != field_kind::unsupported,
                  "this type is no field: specialise kusto::field_traits for it");
    if constexpr (kind == field_kind::null)
        return at;
    else if constexpr (kind == field_kind::boolean)
        return format_boolean(v, at);
    else if constexpr (kind == field_kind::integer)
        return format_integer(long_of(to, v), at);
    else if constexpr (kind == field_kind::real)
        return format_real(v, at);
    else if constexpr (kind == field_kind::datetime)
        return format_datetime(v.ticks(), at);
    else if constexpr (kind == field_kind::timespan)
        return format_timespan(v.ticks(), at);
    else if constexpr (kind == field_kind::time_point)
        return format_datetime(ticks_of(to, v), at);
    else if constexpr (kind == field_kind::duration)
        return format_timespan(ticks_of(to, v), at);
    else if constexpr (kind == field_kind::guid)
        return format_guid(v, at);
    else if constexpr (kind == field_kind::decimal)
        return v.format(at);
    else if constexpr (kind == field_kind::any)
        return to.any(at, v);
    else if constexpr (is_composite(kind) || is_text(kind) || kind == field_kind::dynamic)
        return put_csv_text(to, at, v);
    else
        return put_csv_wrapped(to, at, v);
}

} // namespace kusto::detail
