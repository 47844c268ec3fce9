#include <kusto/encoder.hpp>

#include <cstring>
#include <kusto/record.hpp>
#include <kusto/value.hpp>
#include <text/guid_text.hpp>
#include <text/numbers.hpp>
#include <text/utf8.hpp>

namespace kusto::detail
{

namespace
{

/// Encloses the last `size` bytes in quotes and doubles the `quotes` ones in there, in place.
void enclose(record_buffer& out, std::size_t size, std::size_t quotes)
{
    auto const begin = out.size() - size;
    (void)out.prepare(quotes + 2);
    char* const base = out.data() + begin;
    char* to = base + size + quotes + 1;
    *to = '"';
    if (quotes == 0)
    {
        std::memmove(base + 1, base, size);
        to = base + 1;
    }
    else
        for (char const* from = base + size; from != base;)
        {
            *--to = *--from;
            if (*from == '"')
                *--to = '"';
        }
    *--to = '"';
    out.commit(quotes + 2);
}

/// A byte order mark at the beginning of a blob would be taken away; inside of quotes it is text.
bool begins_with_mark(std::string_view text) noexcept
{
    return text.size() >= 3 && std::memcmp(text.data(), "\xef\xbb\xbf", 3) == 0;
}

/// `std::visit` would do, but its table of pointers is a call for each field.
template <class Encoder>
void put_any(Encoder& to, value const& v)
{
    auto const& held = v.alternatives();
    switch (v.kind())
    {
    case value_kind::null:
        return to.null();
    case value_kind::boolean:
        return to.boolean(*std::get_if<bool>(&held));
    case value_kind::int32:
        return to.integer(*std::get_if<std::int32_t>(&held));
    case value_kind::int64:
        return to.integer(*std::get_if<std::int64_t>(&held));
    case value_kind::real:
        return to.real(*std::get_if<double>(&held));
    case value_kind::decimal:
        return to.decimal(*std::get_if<decimal>(&held));
    case value_kind::datetime:
        return to.datetime(std::get_if<datetime>(&held)->ticks());
    case value_kind::timespan:
        return to.timespan(std::get_if<timespan>(&held)->ticks());
    case value_kind::guid:
        return to.guid(*std::get_if<guid>(&held));
    case value_kind::string:
        return to.text(*std::get_if<std::string>(&held));
    case value_kind::dynamic:
        return to.dynamic(*std::get_if<dynamic>(&held));
    }
}

} // namespace

void csv_encoder::seal(std::size_t begin)
{
    auto const written = out().view().substr(begin);
    check_value_size(written.size());
    auto const scan = text::scan_field(written);
    if (!scan.ascii)
    {
        auto const bad = text::find_invalid_utf8(written);
        if (bad != std::string_view::npos)
            fail_utf8(written, bad);
    }
    if (scan.special || (!scan.ascii && begins_with_mark(written)))
        enclose(out(), written.size(), scan.quotes);
}

void csv_encoder::text(std::string_view v)
{
    check_value_size(v.size());
    auto const begin = out().size();
    out().append(v);
    seal(begin);
}

void csv_encoder::integer(std::int64_t v)
{
    text::append_integer(out(), v);
}

void csv_encoder::real(double v)
{
    auto const special = text::non_finite_text(v);
    special.empty() ? text::append_finite(out(), v) : out().append(special);
}

void csv_encoder::real(float v)
{
    auto const special = text::non_finite_text(v);
    special.empty() ? text::append_finite(out(), v) : out().append(special);
}

void csv_encoder::datetime(std::int64_t ticks)
{
    char* const begin = out().prepare(datetime_text_size);
    out().commit(static_cast<std::size_t>(format_datetime(ticks, begin) - begin));
}

void csv_encoder::timespan(std::int64_t ticks)
{
    char* const begin = out().prepare(timespan_text_size);
    out().commit(static_cast<std::size_t>(format_timespan(ticks, begin) - begin));
}

void csv_encoder::guid(kusto::guid const& v)
{
    text::format_guid(v, out().prepare(36));
    out().commit(36);
}

void csv_encoder::decimal(kusto::decimal const& v)
{
    char* const begin = out().prepare(kusto::decimal::text_size);
    out().commit(static_cast<std::size_t>(v.format(begin) - begin));
}

void csv_encoder::any(value const& v)
{
    put_any(*this, v);
}

void json_encoder::any(value const& v)
{
    put_any(*this, v);
}

void encode_row(row const& v, record_buffer& out)
{
    csv_encoder to(out, nullptr, 0);
    if (v.empty())
        to.fail(errc::invalid_record, "the row has no values; add one for each column");
    for (auto const& field : v)
        put_field(to, field);
    to.finish();
}

} // namespace kusto::detail
