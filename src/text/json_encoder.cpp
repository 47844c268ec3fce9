#include <kusto/encoder.hpp>

#include <array>
#include <kusto/value.hpp>
#include <text/guid_text.hpp>
#include <text/json_check.hpp>
#include <text/numbers.hpp>
#include <text/utf8.hpp>

namespace kusto::detail
{

namespace
{

/// What follows the backslash: 0 for no escape, `u` for the form with four digits.
constexpr std::array<char, 256> escapes = []
{
    std::array<char, 256> made{};
    for (std::size_t i = 0; i < 0x20; ++i)
        made[i] = 'u';
    made['\b'] = 'b';
    made['\t'] = 't';
    made['\n'] = 'n';
    made['\f'] = 'f';
    made['\r'] = 'r';
    made['"'] = '"';
    made['\\'] = '\\';
    return made;
}();

void append_escape(record_buffer& out, unsigned char c)
{
    static constexpr char digits[] = "0123456789abcdef";
    char const kind = escapes[c];
    out.push_back('\\');
    out.push_back(kind);
    if (kind != 'u')
        return;
    out.append("00");
    out.push_back(digits[c >> 4]);
    out.push_back(digits[c & 15]);
}

void append_real(json_encoder& to, auto v)
{
    auto const special = text::non_finite_text(v);
    if (special.empty())
    {
        auto& out = to.record().out();
        char* const begin = out.prepare(real_text_size);
        return out.commit(static_cast<std::size_t>(format_real(v, begin) - begin));
    }
    to.raw('"');
    to.raw(special);
    to.raw('"');
}

} // namespace

void json_encoder::integer(std::int64_t v)
{
    auto& out = record_.out();
    char* const begin = out.prepare(integer_text_size);
    out.commit(static_cast<std::size_t>(format_integer(v, begin) - begin));
}

void json_encoder::real(double v)
{
    append_real(*this, v);
}

void json_encoder::real(float v)
{
    append_real(*this, v);
}

void json_encoder::text(std::string_view v)
{
    record_.check_value_size(v.size());
    auto const bad = text::find_invalid_utf8(v);
    if (bad != std::string_view::npos)
        record_.fail_utf8(v, bad);
    raw('"');
    std::size_t plain = 0;
    for (std::size_t at = 0; at < v.size(); ++at)
    {
        auto const c = static_cast<unsigned char>(v[at]);
        if (escapes[c] == 0)
            continue;
        raw(v.substr(plain, at - plain));
        append_escape(record_.out(), c);
        plain = at + 1;
    }
    raw(v.substr(plain));
    raw('"');
}

void json_encoder::datetime(std::int64_t ticks)
{
    auto& out = record_.out();
    char* const begin = out.prepare(datetime_text_size + 2);
    *begin = '"';
    char* const end = format_datetime(ticks, begin + 1);
    *end = '"';
    out.commit(static_cast<std::size_t>(end + 1 - begin));
}

void json_encoder::timespan(std::int64_t ticks)
{
    auto& out = record_.out();
    char* const begin = out.prepare(timespan_text_size + 2);
    *begin = '"';
    char* const end = format_timespan(ticks, begin + 1);
    *end = '"';
    out.commit(static_cast<std::size_t>(end + 1 - begin));
}

void json_encoder::guid(kusto::guid const& v)
{
    raw('"');
    text::format_guid(v, record_.out().prepare(36));
    record_.out().commit(36);
    raw('"');
}

void json_encoder::decimal(kusto::decimal const& v)
{
    auto& out = record_.out();
    char* const begin = out.prepare(kusto::decimal::text_size);
    out.commit(static_cast<std::size_t>(v.format(begin) - begin));
}

// `std::visit` would do, but its table of pointers is a call for each field.
void json_encoder::any(value const& v)
{
    auto const& held = v.alternatives();
    switch (v.kind())
    {
    case value_kind::null:
        return null();
    case value_kind::boolean:
        return boolean(*std::get_if<bool>(&held));
    case value_kind::int32:
        return integer(*std::get_if<std::int32_t>(&held));
    case value_kind::int64:
        return integer(*std::get_if<std::int64_t>(&held));
    case value_kind::real:
        return real(*std::get_if<double>(&held));
    case value_kind::decimal:
        return decimal(*std::get_if<kusto::decimal>(&held));
    case value_kind::datetime:
        return datetime(std::get_if<kusto::datetime>(&held)->ticks());
    case value_kind::timespan:
        return timespan(std::get_if<kusto::timespan>(&held)->ticks());
    case value_kind::guid:
        return guid(*std::get_if<kusto::guid>(&held));
    case value_kind::string:
        return text(*std::get_if<std::string>(&held));
    case value_kind::dynamic:
        return dynamic(*std::get_if<kusto::dynamic>(&held));
    }
}

void json_encoder::dynamic(kusto::dynamic const& v)
{
    auto& out = record_.out();
    record_.check_value_size(v.text().size());
    auto const wrong = text::check_json(v.text(), text::json_form::any_value);
    if (wrong.utf8)
        record_.fail_utf8(v.text(), wrong.offset);
    if (wrong.what)
        record_.fail(errc::invalid_record,
                     "the dynamic value is not JSON: " + std::string(wrong.what) + " at offset " +
                         std::to_string(wrong.offset) + "; make it with dynamic::parse");
    auto const begin = out.size();
    raw(v.text());
    // Between tokens of valid JSON a line break is worth a blank; in a line it would end the
    // record.
    for (char* c = out.data() + begin; c != out.data() + out.size(); ++c)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
}

} // namespace kusto::detail
