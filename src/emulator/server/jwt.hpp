#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kusto::emulator
{

/// Without padding, in the alphabet of URLs.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
/// Strict: no padding, no other characters, unused bits zero.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

/// A JSON web token in its compact form, taken apart and not yet believed.
struct json_web_token
{
    boost::json::object header;
    boost::json::object claims;
    std::string signed_text; ///< header and claims as sent
    std::string signature;   ///< raw bytes

    /// Nothing when it is not a token: three parts, JSON objects in the first two.
    [[nodiscard]] static std::optional<json_web_token> parse(std::string_view text);
    /// A text member; empty when it is missing or something else.
    [[nodiscard]] static std::string text(boost::json::object const& of, std::string_view name);
    /// An integer member, at least 0.
    [[nodiscard]] static std::optional<std::int64_t> number(boost::json::object const& of,
                                                            std::string_view name);
};

} // namespace kusto::emulator
