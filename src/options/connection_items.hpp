#pragma once

#include <kusto/error.hpp>
#include <options/keywords.hpp>
#include <string>
#include <string_view>

namespace kusto::options
{

/// Throws `errc::invalid_connection_string`.
[[noreturn]] void refuse_connection_string(std::string why);

/// Splits `keyword=value;keyword="va;lue"` into items. Empty items are passed over; the value is
/// all that follows the first `=`; quotes inside of a quoted value are doubled.
///
/// Messages never show a value, nor a keyword that may be the rest of a secret whose `;` was not
/// quoted.
class item_reader
{
public:
    /// \param text  outlives this object; a byte order mark at its beginning is passed over
    explicit item_reader(std::string_view text);
    item_reader(item_reader const&) = delete;
    item_reader& operator=(item_reader const&) = delete;
    ~item_reader();

    /// False at the end. The first item may be a value alone: the data source.
    /// \throws error with `errc::invalid_connection_string`
    [[nodiscard]] bool next();

    /// Of the current item.
    [[nodiscard]] known_keyword const& which() const noexcept { return *which_; }
    /// May be moved from. What is left is wiped.
    [[nodiscard]] std::string& value() noexcept { return value_; }

private:
    [[nodiscard]] std::string item() const;
    void read_keyword(std::string_view text);
    void read_value();
    void read_quoted();

    std::string_view rest_;
    known_keyword const* which_ = nullptr;
    std::string value_;
    int number_ = 0;
    bool secrets_before_ = false;
};

} // namespace kusto::options
