#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// A form or a query that no client should write; the text quotes nothing of it, since a form holds
/// secrets.
class malformed_parameters : public std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// What parameters were found in.
enum class parameter_place : std::uint8_t
{
    form,
    query
};

/// The decoded parameters of a form, or of a query that is written like one. What lenient readers
/// make something of is refused, so that a client which encodes nothing, or says things twice, is
/// found out: names differ by case, each is there once and has `=`, and in names and values
/// everything but `A-Z a-z 0-9 - . _ ~ ! ' ( ) *` is percent-encoded; a blank may be `+`. In a
/// query also `: / @ ? , ; $` may stand as they are, as RFC 3986 has it.
class exact_parameters
{
public:
    using list = std::vector<std::pair<std::string, std::string>>;

    /// \throws malformed_parameters
    explicit exact_parameters(std::string_view text, parameter_place place = parameter_place::form);

    [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
    /// Empty when there is none.
    [[nodiscard]] std::string get(std::string_view name) const;
    [[nodiscard]] list const& all() const noexcept { return values_; }

private:
    [[nodiscard]] std::string const* find(std::string_view name) const noexcept;

    list values_;
};

} // namespace kusto::emulator
