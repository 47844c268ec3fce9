#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kusto::emulator::kql
{

enum class token_kind : std::uint8_t
{
    end,
    identifier, ///< `text`
    string,     ///< `text` is the value
    integer,    ///< `integer`
    real,       ///< `real`
    timespan,   ///< `1.5h`: `integer` in ticks
    typed,      ///< `datetime(...)`, `guid(...)`: `type` and the raw `text` between the parentheses
    symbol      ///< operators and punctuation, also `!has`, `in~`
};

struct token
{
    token_kind kind = token_kind::end;
    std::string text;
    std::string type;
    std::int64_t integer = 0;
    double real = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Tokens of queries and commands, one ahead. Cheap to copy, for looking further ahead.
class lexer
{
public:
    explicit lexer(std::string_view text);

    [[nodiscard]] token const& peek() const noexcept { return current_; }
    token take();

    [[nodiscard]] bool at_end() const noexcept { return current_.kind == token_kind::end; }
    [[nodiscard]] bool is_symbol(std::string_view symbol) const noexcept;
    /// Keywords are case-sensitive in queries; commands use `is_word`.
    [[nodiscard]] bool is_identifier(std::string_view name) const noexcept;
    [[nodiscard]] bool is_word(std::string_view name) const noexcept;

    bool take_symbol(std::string_view symbol);
    bool take_identifier(std::string_view name);
    bool take_word(std::string_view name);
    void expect_symbol(std::string_view symbol);
    void expect_word(std::string_view name);

    /// A plain name, or a string in brackets: `['my table']`.
    std::string name();
    std::string string_literal();
    /// Adjacent literals make one value.
    std::string joined_literals();

    /// The text from behind the current token to the first `end`, verbatim; goes on behind it.
    std::string_view take_until(char end);
    /// The text behind the current token, verbatim.
    [[nodiscard]] std::string_view behind() const noexcept { return text_.substr(current_.end); }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// \throws engine_error naming the current token
    [[noreturn]] void unexpected(std::string_view wanted) const;

private:
    void advance();
    void skip_blanks() noexcept;
    [[nodiscard]] char look(std::size_t offset = 0) const noexcept;
    [[nodiscard]] bool string_starts() const noexcept;
    std::string read_string();
    std::string read_verbatim(char quote);
    std::string read_escaped(char quote);
    void append_escape(std::string& out);
    void read_number();
    void read_word();
    bool read_typed();
    void read_symbol();

    std::string_view text_;
    std::size_t at_ = 0;
    token current_;
};

} // namespace kusto::emulator::kql
