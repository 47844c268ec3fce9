#pragma once

#include <array>
#include <base/secret.hpp>
#include <kusto/credential.hpp>
#include <options/keywords.hpp>
#include <string>
#include <string_view>

namespace kusto::options
{

/// What a connection string says. A keyword with an empty value counts as not given.
class connection_settings
{
public:
    /// \throws error with `errc::invalid_connection_string`, naming the keyword and never its value
    explicit connection_settings(std::string_view text);

    [[nodiscard]] bool has(keyword which) const noexcept { return !at(which).empty(); }
    /// Empty if it is not given. Possibly secret.
    [[nodiscard]] std::string text(keyword which) const { return std::string(at(which).reveal()); }
    /// False if it is not given.
    [[nodiscard]] bool flag(keyword which) const;

private:
    [[nodiscard]] base::secret const& at(keyword which) const noexcept
    {
        return values_[static_cast<std::size_t>(which)];
    }

    std::array<base::secret, static_cast<std::size_t>(keyword::unsupported)> values_;
};

/// The credential that the settings describe; `none` if they name none.
/// \throws error with `errc::invalid_connection_string`: something is missing, or two keywords
///         contradict each other
[[nodiscard]] credential credential_of(connection_settings const& from);

} // namespace kusto::options
