#pragma once

#include <boost/pfr/core.hpp>
#include <cstring>
#include <kusto/data_format.hpp>
#include <kusto/encoder.hpp>
#include <kusto/field.hpp>
#include <kusto/field_encoding.hpp>
#include <kusto/lines.hpp>
#include <kusto/record_buffer.hpp>
#include <kusto/row.hpp>
#include <tuple>

namespace kusto
{

template <class T>
class json_object;

namespace detail
{

template <class T>
inline constexpr bool is_json_object = false;
template <class T>
inline constexpr bool is_json_object<json_object<T>> = true;

enum class record_shape
{
    none,
    row,
    csv_line,
    json_line,
    json_object,
    described,
    tuple,
    aggregate,
};

template <class T>
constexpr record_shape shape_of() noexcept
{
    if constexpr (std::is_same_v<T, row>)
        return record_shape::row;
    else if constexpr (std::is_same_v<T, csv_line>)
        return record_shape::csv_line;
    else if constexpr (std::is_same_v<T, json_line>)
        return record_shape::json_line;
    else if constexpr (is_json_object<T>)
        return record_shape::json_object;
    else if constexpr (!std::is_class_v<T> || has_traits<T>)
        return record_shape::none;
    else if constexpr (is_described_struct<T>)
        return record_shape::described;
    else if constexpr (tuple_like<T>)
        return record_shape::tuple;
    else if constexpr (std::is_aggregate_v<T> && !std::is_empty_v<T>)
        return record_shape::aggregate;
    else
        return record_shape::none;
}

constexpr bool is_line(record_shape shape) noexcept
{
    return shape == record_shape::csv_line || shape == record_shape::json_line;
}

constexpr data_format format_of(record_shape shape) noexcept
{
    return shape == record_shape::json_line || shape == record_shape::json_object
               ? data_format::json
               : data_format::csv;
}

/// \returns the line without a line end
inline std::string_view check_line(csv_line line)
{
    return check_csv_line(line.text());
}
inline std::string_view check_line(json_line line)
{
    return check_json_line(line.text());
}

template <class T, class D>
using member_type = std::remove_cvref_t<decltype(std::declval<T const&>().*D::pointer)>;

template <class T>
constexpr bool are_members_fields() noexcept
{
    return []<class... D>(boost::mp11::mp_list<D...>) {
        return sizeof...(D) != 0 && (is_field<member_type<T, D>>() && ...);
    }(boost::mp11::mp_rename<described_members<T>, boost::mp11::mp_list>());
}

template <class T>
constexpr bool are_positions_fields() noexcept
{
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return sizeof...(I) != 0 &&
               (is_field<std::remove_cvref_t<decltype(boost::pfr::get<I>(
                    std::declval<T const&>()))>>() &&
                ...);
    }(std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
}

template <class T>
constexpr bool is_record() noexcept
{
    constexpr auto shape = shape_of<T>();
    if constexpr (shape == record_shape::described)
        return are_members_fields<T>();
    else if constexpr (shape == record_shape::tuple)
        return std::tuple_size<T>::value != 0 && are_elements_fields<T>();
    else if constexpr (shape == record_shape::aggregate)
        return are_positions_fields<T>();
    else
        return shape != record_shape::none;
}

/// Names of a described struct's members, in order.
template <class T>
inline constexpr auto member_names = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<char const*, sizeof...(D)>{D::name...};
}(boost::mp11::mp_rename<described_members<T>, boost::mp11::mp_list>());

template <std::size_t I, class T>
char* put_column(csv_encoder& to, char* at, T const& v)
{
    if constexpr (I != 0)
        *at++ = ',';
    to.at_field(I + 1);
    return put_csv(to, at, v);
}

template <class T>
void encode_json_object(T const& v, record_buffer& out)
{
    record_encoder record(out, member_names<T>.data(), member_names<T>.size());
    json_encoder to(record);
    std::size_t number = 0;
    put_members(to, v,
                [&](auto const& member)
                {
                    record.at_field(++number);
                    auto const begin = out.size();
                    put(to, member);
                    if constexpr (is_dynamic_column<std::remove_cvref_t<decltype(member)>>())
                        record.check_value_size(out.size() - begin);
                });
    record.finish();
}

/// `column(v, i)` is the field with the number `i`, an integral constant.
template <class T, class Column, std::size_t... I>
void encode_columns(T const& v, Column column, char const* const* names, record_buffer& out,
                    std::index_sequence<I...>)
{
    constexpr auto limit =
        (std::size_t(0) + ... +
         (1 + limit_of<std::remove_cvref_t<decltype(column(v, boost::mp11::mp_size_t<I>()))>>()));
    csv_encoder to(out, names, sizeof...(I), limit);
    char* at = to.begin();
    ((at = put_column<I>(to, at, column(v, boost::mp11::mp_size_t<I>()))), ...);
    to.finish(at);
}

template <class T>
void encode_fields(T const& v, record_buffer& out)
{
    constexpr auto shape = shape_of<T>();
    auto const element = [](auto const& tuple, auto i) -> auto const&
    { return std::get<i>(tuple); };
    if constexpr (shape == record_shape::described)
    {
        using members = described_members<T>;
        auto const member = [](T const& r, auto i) -> auto const&
        { return r.*boost::mp11::mp_at<members, decltype(i)>::pointer; };
        encode_columns(v, member, member_names<T>.data(), out,
                       std::make_index_sequence<boost::mp11::mp_size<members>::value>());
    }
    else if constexpr (shape == record_shape::tuple)
        encode_columns(v, element, nullptr, out,
                       std::make_index_sequence<std::tuple_size<T>::value>());
    else
        encode_columns(boost::pfr::structure_tie(v), element, nullptr, out,
                       std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
}

void encode_row(row const& v, record_buffer& out);

} // namespace detail

/// A type that `write` and `encode_record` accept:
/// - structs described with `BOOST_DESCRIBE_STRUCT`, inherited public members first
/// - plain aggregates, by position; no base classes, no C arrays
/// - `std::tuple`, `std::pair`, `std::array`, by position
/// - `row`
/// - `csv_line`, `json_line`
/// - `as_json(r)` of a described struct
///
/// All members must be a `kusto::field`.
template <class T>
concept record = detail::is_record<std::remove_cv_t<T>>();

/// A described struct that is to be written as a JSON object instead of CSV. Only JSON tells a null
/// from an empty string. Made by `as_json`.
///
/// \par Object lifetimes
/// Refers to the record, which must live until `write` or `encode_record` returns.
template <class T>
class json_object
{
public:
    explicit json_object(T const& r) noexcept : record_(&r) {}
    [[nodiscard]] T const& get() const noexcept { return *record_; }

private:
    T const* record_;
};

/// See `json_object`.
template <record T>
    requires detail::is_described_struct<T>
[[nodiscard]] json_object<T> as_json(T const& r) noexcept
{
    return json_object<T>(r);
}

/// Name the record first: the view would outlive a temporary, and g++ 11 and 12 corrupt memory when
/// an aggregate temporary stands in a co_await expression.
template <record T>
    requires detail::is_described_struct<T>
json_object<T> as_json(T const&& r) = delete;

/// Appends one record and `\n` to `out` and says which format it has.
///
/// CSV is RFC 4180 with a comma, quoted only where necessary; null is the empty field. Reals have
/// the shortest digits that read back as the same number (a `float` as the same `float`), `NaN`,
/// `Infinity` and `-Infinity`; inside of `dynamic` these three are JSON strings, as in the
/// service's own output. NUL characters in text are passed on. Nothing depends on the locale or
/// time zone. Does not allocate once `out` has held a record as large.
///
/// \par Errors
/// Throws `error` of the stage encode and then leaves `out` as it was: `errc::invalid_record`
/// (a number, time or duration out of Kusto's range, a value above `max_value_bytes`, a malformed
/// `csv_line` or `json_line`, an empty `row`), `errc::invalid_utf8`, `errc::record_too_large`.
template <record R>
data_format encode_record(R const& r, record_buffer& out)
{
    constexpr auto shape = detail::shape_of<R>();
    if constexpr (detail::is_line(shape))
    {
        auto const line = detail::check_line(r);
        auto* const at = out.prepare(line.size() + 1);
        std::memcpy(at, line.data(), line.size());
        at[line.size()] = '\n';
        out.commit(line.size() + 1);
    }
    else if constexpr (shape == detail::record_shape::json_object)
        detail::encode_json_object(r.get(), out);
    else if constexpr (shape == detail::record_shape::row)
        detail::encode_row(r, out);
    else
        detail::encode_fields(r, out);
    return detail::format_of(shape);
}

} // namespace kusto
