#include <base/logger.hpp>

#include <array>
#include <base/utf8.hpp>
#include <charconv>
#include <vector>

namespace kusto
{

std::string_view to_string(log_level level) noexcept
{
    switch (level)
    {
    case log_level::trace:
        return "trace";
    case log_level::debug:
        return "debug";
    case log_level::info:
        return "info";
    case log_level::warning:
        return "warning";
    case log_level::error:
        return "error";
    case log_level::off:
        return "off";
    }
    return "unknown";
}

namespace
{

bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_ascii(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x80;
}

void append_hex(std::string& line, char c)
{
    constexpr char digits[] = "0123456789abcdef";
    auto const byte = static_cast<unsigned char>(c);
    line += "\\x";
    line += digits[byte >> 4];
    line += digits[byte & 0xf];
}

void append_escaped(std::string& line, char c)
{
    switch (c)
    {
    case '"':
        line += "\\\"";
        return;
    case '\\':
        line += "\\\\";
        return;
    case '\n':
        line += "\\n";
        return;
    case '\r':
        line += "\\r";
        return;
    case '\t':
        line += "\\t";
        return;
    default:
        append_hex(line, c);
        return;
    }
}

/// What a terminal may obey (the controls of ASCII and of Latin-1) or what is no text is escaped.
class text_writer
{
public:
    explicit text_writer(std::string_view text)
        : text_(text),
          utf8_(base::count_characters(text).has_value())
    {
    }

    void append_to(std::string& line) const
    {
        if (is_plain())
            line += text_;
        else
            append_quoted(line);
    }

private:
    [[nodiscard]] bool is_plain() const noexcept
    {
        if (text_.empty())
            return false;
        for (std::size_t i = 0; i < text_.size(); ++i)
        {
            if (text_[i] == ' ' || text_[i] == '=' || is_special(i))
                return false;
        }
        return true;
    }

    void append_quoted(std::string& line) const
    {
        line += '"';
        for (std::size_t i = 0; i < text_.size(); ++i)
        {
            if (is_special(i))
                append_escaped(line, text_[i]);
            else
                line += text_[i];
        }
        line += '"';
    }

    /// Whether byte `at` needs an escape sequence.
    [[nodiscard]] bool is_special(std::size_t at) const noexcept
    {
        char const c = text_[at];
        if (is_ascii(c))
            return c == '"' || c == '\\' || is_control(c);
        return !utf8_ || begins_control(at) || (at > 0 && begins_control(at - 1));
    }

    /// U+0080 to U+009F are C2 80 to C2 9F.
    [[nodiscard]] bool begins_control(std::size_t at) const noexcept
    {
        return text_[at] == '\xc2' && at + 1 < text_.size() &&
               static_cast<unsigned char>(text_[at + 1]) < 0xa0;
    }

    std::string_view text_;
    bool utf8_;
};

void append_text(std::string& line, std::string_view text)
{
    text_writer(text).append_to(line);
}

/// Names come from the library; an odd one must not break the line all the same.
void append_name(std::string& line, std::string_view name)
{
    line += ' ';
    for (char const c : name)
        line += c == ' ' || c == '=' || c == '"' || is_control(c) ? '_' : c;
    line += '=';
}

class value_writer
{
public:
    explicit value_writer(std::string& line) : line_(line) {}

    void operator()(std::string_view text) const { append_text(line_, text); }

    template <class Number>
    void operator()(Number number) const
    {
        std::array<char, 32> buffer;
        auto const done = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
        line_.append(buffer.data(), done.ptr);
    }

private:
    std::string& line_;
};

} // namespace

std::string to_text(log_event const& event)
{
    std::string line = "level=";
    line += to_string(event.level);
    line += " stage=";
    append_text(line, to_string(event.where));
    line += " message=";
    append_text(line, event.message);
    for (auto const& field : event.fields)
    {
        append_name(line, field.name);
        std::visit(value_writer(line), field.value);
    }
    return line;
}

} // namespace kusto

namespace kusto::base
{

namespace
{

void add(std::vector<log_field>& fields, std::string_view name, std::string const& text)
{
    if (!text.empty())
        fields.emplace_back(name, text);
}

/// What the service said is left out: it may hold data of the user.
std::vector<log_field> fields_of(failure const& why)
{
    std::vector<log_field> fields;
    fields.emplace_back("code", to_string(why.code()));
    add(fields, "reason", why.message());
    add(fields, "host", why.host());
    if (why.status() != 0)
        fields.emplace_back("status", why.status());
    add(fields, "service_code", why.service_code());
    add(fields, "request_id", why.request_id());
    add(fields, "activity_id", why.activity_id());
    add(fields, "source_id", why.source_id());
    fields.emplace_back("attempts", why.attempts());
    fields.emplace_back("retryable", why.retryable() ? "true" : "false");
    fields.emplace_back("outcome", why.outcome() == outcome::unknown ? "unknown" : "failed");
    return fields;
}

} // namespace

void logger::operator()(log_level level, stage where, std::string_view message,
                        std::initializer_list<log_field> fields) const noexcept
{
    if (!wants(level))
        return;
    try
    {
        (*to_)(log_event(level, where, message, {fields.begin(), fields.size()}));
    }
    catch (...)
    {
        // The user's function: its trouble is not the pipeline's.
    }
}

void logger::failed(log_level level, std::string_view message, failure const& why,
                    std::initializer_list<log_field> fields) const noexcept
{
    if (!wants(level))
        return;
    try
    {
        auto all = fields_of(why);
        all.insert(all.begin(), fields.begin(), fields.end());
        (*to_)(log_event(level, why.where(), message, all));
    }
    catch (...)
    {
    }
}

} // namespace kusto::base
