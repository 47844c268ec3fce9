#include "lexer.hpp"

#include "calendar.hpp"
#include "types.hpp"
#include "utf8.hpp"
#include "value_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace kusto::emulator::kql
{

namespace
{

bool digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}
bool letter(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool word_character(char c) noexcept
{
    return letter(c) || digit(c);
}

constexpr std::string_view fence = "```";

bool literal_type(std::string_view name) noexcept
{
    return name != "string" && name != "object" && name != "sqldecimal" &&
           parse_kind(name).has_value();
}

/// Offset of the parenthesis that closes the one before `text`; strings may contain any.
std::size_t closing_parenthesis(std::string_view text)
{
    int depth = 1;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        char const c = text[i];
        if (c == '"' || c == '\'')
        {
            for (++i; i < text.size() && text[i] != c; ++i)
                if (text[i] == '\\')
                    ++i;
        }
        else if (c == '(')
        {
            ++depth;
        }
        else if (c == ')' && --depth == 0)
        {
            return i;
        }
    }
    throw syntax_error("a closing parenthesis is missing");
}

} // namespace

lexer::lexer(std::string_view text) : text_(text)
{
    advance();
}

char lexer::look(std::size_t offset) const noexcept
{
    return at_ + offset < text_.size() ? text_[at_ + offset] : '\0';
}

token lexer::take()
{
    token result = std::move(current_);
    at_ = result.end;
    advance();
    return result;
}

bool lexer::is_symbol(std::string_view symbol) const noexcept
{
    return current_.kind == token_kind::symbol && current_.text == symbol;
}

bool lexer::is_identifier(std::string_view name) const noexcept
{
    return current_.kind == token_kind::identifier && current_.text == name;
}

bool lexer::is_word(std::string_view name) const noexcept
{
    return current_.kind == token_kind::identifier && same_text(current_.text, name);
}

bool lexer::take_symbol(std::string_view symbol)
{
    bool const found = is_symbol(symbol);
    if (found)
        take();
    return found;
}

bool lexer::take_identifier(std::string_view name)
{
    bool const found = is_identifier(name);
    if (found)
        take();
    return found;
}

bool lexer::take_word(std::string_view name)
{
    bool const found = is_word(name);
    if (found)
        take();
    return found;
}

void lexer::expect_symbol(std::string_view symbol)
{
    if (!take_symbol(symbol))
        unexpected("'" + std::string(symbol) + "'");
}

void lexer::expect_word(std::string_view name)
{
    if (!take_word(name))
        unexpected("'" + std::string(name) + "'");
}

std::string lexer::name()
{
    if (current_.kind == token_kind::identifier)
        return take().text;
    if (!take_symbol("["))
        unexpected("a name");
    std::string result = string_literal();
    expect_symbol("]");
    if (result.empty())
        throw syntax_error("a name is empty");
    return result;
}

std::string lexer::string_literal()
{
    if (current_.kind != token_kind::string)
        unexpected("a string literal");
    return take().text;
}

std::string lexer::joined_literals()
{
    std::string value = string_literal();
    while (current_.kind == token_kind::string)
        value += take().text;
    return value;
}

std::string_view lexer::take_until(char end)
{
    std::size_t const start = current_.end;
    std::size_t const found = text_.find(end, start);
    if (found == std::string_view::npos)
        throw syntax_error(std::string("'") + end + "' is missing");
    at_ = found + 1;
    advance();
    return text_.substr(start, found - start);
}

void lexer::unexpected(std::string_view wanted) const
{
    std::string const found =
        at_end()
            ? "the end of the text"
            : "'" + std::string(text_.substr(current_.begin, current_.end - current_.begin)) + "'";
    throw syntax_error("expected " + std::string(wanted) + " at position " +
                       std::to_string(current_.begin) + ", found " + found);
}

void lexer::skip_blanks() noexcept
{
    for (;;)
    {
        char const c = look();
        if (at_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            ++at_;
        else if (c == '/' && look(1) == '/')
            at_ = std::min(text_.find('\n', at_), text_.size());
        else
            return;
    }
}

void lexer::advance()
{
    skip_blanks();
    current_ = token();
    current_.begin = at_;
    if (at_ >= text_.size())
        current_.kind = token_kind::end;
    else if (string_starts())
    {
        current_.kind = token_kind::string;
        current_.text = read_string();
    }
    else if (digit(look()) || (look() == '.' && digit(look(1))))
        read_number();
    else if (letter(look()))
        read_word();
    else
        read_symbol();
    current_.end = at_;
}

bool lexer::string_starts() const noexcept
{
    std::size_t const hidden = look() == 'h' || look() == 'H' ? 1 : 0;
    std::size_t const verbatim = look(hidden) == '@' ? 1 : 0;
    char const quote = look(hidden + verbatim);
    if (quote == '"' || quote == '\'')
        return true;
    return hidden == 0 && text_.substr(at_, fence.size()) == fence;
}

std::string lexer::read_string()
{
    if (look() == 'h' || look() == 'H')
        ++at_;
    if (look() == '`')
    {
        std::size_t const end = text_.find(fence, at_ + fence.size());
        if (end == std::string_view::npos)
            throw syntax_error("a multi-line string literal is not closed");
        auto const value = text_.substr(at_ + fence.size(), end - at_ - fence.size());
        at_ = end + fence.size();
        return std::string(value);
    }
    bool const verbatim = look() == '@';
    at_ += verbatim ? 1 : 0;
    char const quote = look();
    ++at_;
    return verbatim ? read_verbatim(quote) : read_escaped(quote);
}

std::string lexer::read_verbatim(char quote)
{
    std::string value;
    for (;; ++at_)
    {
        if (at_ >= text_.size())
            throw syntax_error("a string literal is not closed");
        if (look() == quote)
        {
            if (look(1) != quote)
                break;
            ++at_;
        }
        value.push_back(look());
    }
    ++at_;
    return value;
}

std::string lexer::read_escaped(char quote)
{
    std::string value;
    while (look() != quote)
    {
        if (at_ >= text_.size() || look() == '\n' || look() == '\r')
            throw syntax_error("a string literal is not closed on its line");
        if (look() == '\\')
            append_escape(value);
        else
            value.push_back(text_[at_++]);
    }
    ++at_;
    return value;
}

void lexer::append_escape(std::string& out)
{
    constexpr std::string_view codes = "\\\"'nrtabfv0";
    constexpr std::string_view values("\\\"'\n\r\t\a\b\f\v\0", 11);
    char const code = look(1);
    if (code == 'u')
    {
        // Both halves of a surrogate pair together make one character.
        std::size_t const length = look(6) == '\\' && look(7) == 'u' ? 12 : 6;
        json_reader check;
        std::string const quoted = "\"" + std::string(text_.substr(at_, length)) + "\"";
        if (!check.read_all(quoted))
            throw syntax_error("a string literal has a malformed \\u escape");
        out += check.text(0);
        at_ += length;
        return;
    }
    std::size_t const index = codes.find(code);
    if (code == '\0' || index == std::string_view::npos)
        throw syntax_error("a string literal has an unknown escape sequence");
    out.push_back(values[index]);
    at_ += 2;
}

void lexer::read_number()
{
    std::size_t const start = at_;
    if (look() == '0' && (look(1) == 'x' || look(1) == 'X'))
    {
        at_ += 2;
        auto const [end, error] =
            std::from_chars(text_.data() + at_, text_.data() + text_.size(), current_.integer, 16);
        at_ = static_cast<std::size_t>(end - text_.data());
        current_.kind = token_kind::integer;
        if (error != std::errc() || word_character(look()))
            throw syntax_error("a hexadecimal number is malformed");
        return;
    }
    while (digit(look()))
        ++at_;
    bool const fraction = look() == '.' && digit(look(1));
    if (fraction)
        for (++at_; digit(look());)
            ++at_;
    std::size_t const sign = look(1) == '-' || look(1) == '+' ? 1 : 0;
    bool const exponent = (look() == 'e' || look() == 'E') && digit(look(1 + sign));
    if (exponent)
        for (at_ += 1 + sign; digit(look());)
            ++at_;
    std::string_view const number = text_.substr(start, at_ - start);
    std::size_t const unit_start = at_;
    while (word_character(look()))
        ++at_;
    std::string_view const unit = text_.substr(unit_start, at_ - unit_start);
    current_.real = parse_real(number).value_or(0);
    auto const integer = parse_integer(number);
    if (!unit.empty())
    {
        std::int64_t const ticks = unit_ticks(unit);
        double const total = current_.real * static_cast<double>(ticks);
        if (ticks == 0 || std::abs(total) > 9e18)
            throw syntax_error("'" + std::string(number) + std::string(unit) + "' is no literal");
        current_.kind = token_kind::timespan;
        current_.integer = integer ? *integer * ticks : std::llround(total);
        return;
    }
    current_.kind = fraction || exponent ? token_kind::real : token_kind::integer;
    if (current_.kind == token_kind::integer && !integer)
        throw syntax_error("the number " + std::string(number) + " does not fit into a long");
    current_.integer = integer.value_or(0);
}

void lexer::read_word()
{
    std::size_t const start = at_;
    while (word_character(look()))
        ++at_;
    current_.text = text_.substr(start, at_ - start);
    current_.kind = token_kind::identifier;
    if (current_.text == "in" && look() == '~')
    {
        ++at_;
        current_.text = "in~";
        current_.kind = token_kind::symbol;
        return;
    }
    if (literal_type(current_.text))
        read_typed();
}

bool lexer::read_typed()
{
    std::size_t const end = at_;
    skip_blanks();
    if (look() != '(')
    {
        at_ = end;
        return false;
    }
    ++at_;
    std::size_t const length = closing_parenthesis(text_.substr(at_));
    current_.type = std::move(current_.text);
    current_.text = text_.substr(at_, length);
    current_.kind = token_kind::typed;
    at_ += length + 1;
    return true;
}

void lexer::read_symbol()
{
    constexpr std::array<std::string_view, 8> pairs{"==", "!=", "=~", "!~", "<=", ">=", "<|", ".."};
    current_.kind = token_kind::symbol;
    if (look() == '!' && letter(look(1)))
    {
        std::size_t const start = at_++;
        while (word_character(look()))
            ++at_;
        if (text_.substr(start, at_ - start) == "!in" && look() == '~')
            ++at_;
        current_.text = text_.substr(start, at_ - start);
        return;
    }
    std::size_t length = 1;
    for (auto const pair : pairs)
        if (text_.substr(at_, 2) == pair)
            length = 2;
    current_.text = text_.substr(at_, length);
    at_ += length;
}

} // namespace kusto::emulator::kql
