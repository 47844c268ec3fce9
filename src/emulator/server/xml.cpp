#include <emulator/server/xml.hpp>

#include <cstdint>

namespace kusto::emulator
{

namespace
{

constexpr int max_depth = 8;

void append_utf8(std::string& out, std::uint32_t code)
{
    if (code < 0x80)
    {
        out += static_cast<char>(code);
    }
    else if (code < 0x800)
    {
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
    else if (code < 0x10000)
    {
        out += static_cast<char>(0xE0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
    else
    {
        out += static_cast<char>(0xF0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (code & 0x3F));
    }
}

class xml_reader
{
public:
    explicit xml_reader(std::string_view text) : rest_(text) {}

    std::optional<xml_element> document()
    {
        take("\xEF\xBB\xBF");
        if (take("<?xml"))
        {
            auto const end = rest_.find("?>");
            if (end == std::string_view::npos)
                return std::nullopt;
            rest_.remove_prefix(end + 2);
        }
        skip_blanks();
        xml_element root;
        if (!element(root, 0))
            return std::nullopt;
        skip_blanks();
        return rest_.empty() ? std::optional<xml_element>(std::move(root)) : std::nullopt;
    }

private:
    static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    static bool name_char(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.' || c == ':';
    }

    bool take(std::string_view expected)
    {
        if (rest_.substr(0, expected.size()) != expected)
            return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    void skip_blanks()
    {
        while (!rest_.empty() && blank(rest_.front()))
            rest_.remove_prefix(1);
    }

    bool name(std::string& out)
    {
        while (!rest_.empty() && name_char(rest_.front()))
        {
            out += rest_.front();
            rest_.remove_prefix(1);
        }
        return !out.empty();
    }

    bool attributes()
    {
        for (;;)
        {
            skip_blanks();
            if (rest_.empty())
                return false;
            if (rest_.front() == '>' || rest_.front() == '/')
                return true;
            std::string ignored;
            if (!name(ignored) || !take("=") || rest_.empty())
                return false;
            char const quote = rest_.front();
            auto const end = rest_.find(quote, 1);
            if ((quote != '"' && quote != '\'') || end == std::string_view::npos)
                return false;
            rest_.remove_prefix(end + 1);
        }
    }

    bool entity(std::string& out)
    {
        auto const end = rest_.find(';');
        if (end == std::string_view::npos || end > 10)
            return false;
        auto const body = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        if (body == "lt")
            out += '<';
        else if (body == "gt")
            out += '>';
        else if (body == "amp")
            out += '&';
        else if (body == "quot")
            out += '"';
        else if (body == "apos")
            out += '\'';
        else
            return character_reference(body, out);
        return true;
    }

    static bool character_reference(std::string_view body, std::string& out)
    {
        if (body.size() < 2 || body.front() != '#')
            return false;
        body.remove_prefix(1);
        bool const hex = body.front() == 'x';
        if (hex)
            body.remove_prefix(1);
        std::uint32_t code = 0;
        for (char const c : body)
        {
            std::uint32_t digit = 99;
            if (c >= '0' && c <= '9')
                digit = static_cast<std::uint32_t>(c - '0');
            else if (hex && c >= 'a' && c <= 'f')
                digit = static_cast<std::uint32_t>(c - 'a' + 10);
            else if (hex && c >= 'A' && c <= 'F')
                digit = static_cast<std::uint32_t>(c - 'A' + 10);
            if (digit == 99)
                return false;
            code = code * (hex ? 16 : 10) + digit;
        }
        if (body.empty() || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return false;
        append_utf8(out, code);
        return true;
    }

    bool element(xml_element& out, int depth)
    {
        if (depth > max_depth || !take("<") || !name(out.name) || !attributes())
            return false;
        if (take("/>"))
            return true;
        return take(">") && content(out, depth);
    }

    bool content(xml_element& out, int depth)
    {
        for (;;)
        {
            auto const plain = rest_.substr(0, rest_.find_first_of("<&"));
            out.text += plain;
            rest_.remove_prefix(plain.size());
            if (rest_.empty())
                return false;
            if (rest_.front() == '&')
            {
                if (!entity(out.text))
                    return false;
            }
            else if (take("</"))
            {
                std::string closing;
                bool const matches = name(closing) && closing == out.name;
                skip_blanks();
                return matches && take(">");
            }
            else if (!element(out.children.emplace_back(), depth + 1))
            {
                return false;
            }
        }
    }

    std::string_view rest_;
};

} // namespace

std::optional<xml_element> parse_xml(std::string_view text)
{
    return xml_reader(text).document();
}

} // namespace kusto::emulator
