#include <kusto/record.hpp>

#include <cstring>
#include <kusto/value.hpp>
#include <text/csv_scan.hpp>
#include <text/guid_text.hpp>
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

} // namespace

char* csv_encoder::seal(std::size_t begin)
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
    return out().prepare(limited_);
}

char* csv_encoder::text(char* at, std::string_view v)
{
    check_value_size(v.size());
    at = with_room(at, v.size());
    if (text::copy_field(at, v))
        return at + v.size();
    auto const begin = static_cast<std::size_t>(at - out().data());
    (void)commit(at + v.size());
    return seal(begin);
}

char* format_guid(kusto::guid const& v, char* out) noexcept
{
    return text::format_guid(v, out);
}

// `std::visit` would do, but its table of pointers is a call for each field.
char* csv_encoder::any(char* at, value const& v)
{
    auto const& held = v.alternatives();
    switch (v.kind())
    {
    case value_kind::null:
        return at;
    case value_kind::boolean:
        return format_boolean(*std::get_if<bool>(&held), at);
    case value_kind::int32:
        return format_integer(*std::get_if<std::int32_t>(&held), at);
    case value_kind::int64:
        return format_integer(*std::get_if<std::int64_t>(&held), at);
    case value_kind::real:
        return format_real(*std::get_if<double>(&held), at);
    case value_kind::decimal:
        return std::get_if<decimal>(&held)->format(at);
    case value_kind::datetime:
        return format_datetime(std::get_if<datetime>(&held)->ticks(), at);
    case value_kind::timespan:
        return format_timespan(std::get_if<timespan>(&held)->ticks(), at);
    case value_kind::guid:
        return text::format_guid(*std::get_if<kusto::guid>(&held), at);
    case value_kind::string:
        return text(at, *std::get_if<std::string>(&held));
    case value_kind::dynamic:
        return text(at, std::get_if<dynamic>(&held)->text());
    }
    return at;
}

void encode_row(row const& v, record_buffer& out)
{
    csv_encoder to(out, nullptr, 0, csv_encoder::any_text_size + 1);
    if (v.empty())
        to.fail(errc::invalid_record, "the row has no values; add one for each column");
    char* at = to.begin();
    std::size_t number = 0;
    for (auto const& field : v)
    {
        if (number != 0)
            *at++ = ',';
        to.at_field(++number);
        at = to.with_room(to.any(at, field), 0);
    }
    to.finish(at);
}

} // namespace kusto::detail
