#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator::kql
{

/// A strict JSON reader that keeps numbers as text, so that decimals and 64-bit integers lose
/// nothing. One value is a flat list of nodes in document order, reused from value to value.
class json_reader
{
public:
    enum class node_kind : std::uint8_t
    {
        null,
        boolean,
        number,
        string,
        array,
        object
    };

    struct node
    {
        node_kind kind = node_kind::null;
        std::string_view raw; ///< the value's text; of a string, with its quotes
        std::string_view key; ///< name in the parent object, without quotes, still escaped
        std::size_t end = 0;  ///< index behind this value's last node
    };

    /// Reads the value that starts at or after `at` (white space is skipped) and moves `at` behind
    /// it. \returns whether there was a well-formed value; `error()` says what was wrong
    bool read(std::string_view text, std::size_t& at);
    /// Like `read`, and nothing but white space may follow.
    bool read_all(std::string_view text);

    [[nodiscard]] std::string const& error() const noexcept { return error_; }
    [[nodiscard]] node const& at(std::size_t index) const noexcept { return nodes_[index]; }
    [[nodiscard]] node const& root() const noexcept { return nodes_.front(); }

    /// The member of this name, the last one if there are several. Index of its node.
    [[nodiscard]] std::optional<std::size_t> member(std::size_t object,
                                                    std::string_view name) const;
    [[nodiscard]] std::optional<std::size_t> member_ignoring_case(std::size_t object,
                                                                  std::string_view name) const;
    [[nodiscard]] std::optional<std::size_t> element(std::size_t array, std::size_t position) const;
    /// Node indices of an array's elements or an object's members.
    [[nodiscard]] std::vector<std::size_t> children(std::size_t index) const;

    /// A string's value; of anything else, its compact text.
    [[nodiscard]] std::string text(std::size_t index) const;

private:
    bool value(int depth);
    bool object(int depth);
    bool array(int depth);
    bool string(std::string_view& raw);
    bool number();
    bool word(std::string_view expected);
    bool fail(char const* what);
    void skip_blanks() noexcept;
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<node> nodes_;
    std::string error_;
};

/// The value of a JSON string from the text between its quotes.
[[nodiscard]] std::string json_unescape(std::string_view escaped);
/// Appends a JSON string with quotes.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);
/// Well-formed JSON without the white space between its tokens.
[[nodiscard]] std::string compact_json(std::string_view text);

} // namespace kusto::emulator::kql
