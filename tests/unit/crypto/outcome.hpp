#pragma once

#include <crypto/load_certificate.hpp>
#include <string>
#include <string_view>
#include <support/test_certificates.hpp>

namespace kusto::test
{

[[nodiscard]] inline result<crypto::client_certificate> load(std::string_view content,
                                                             std::string_view password = {})
{
    return crypto::load_certificate(content, password, std::chrono::system_clock::now());
}

/// `loaded`, or the failure's message.
[[nodiscard]] inline std::string outcome_of(std::string_view content,
                                            std::string_view password = {})
{
    auto const made = load(content, password);
    if (made)
        return "loaded";
    auto const why = made.error();
    bool const typed = why.code() == errc::invalid_option && why.where() == stage::token;
    return typed ? why.message() : "wrong kind of failure: " + why.describe();
}

[[nodiscard]] inline bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace kusto::test
