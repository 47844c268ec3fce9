#pragma once

#include <boost/json/object.hpp>
#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <stdexcept>
#include <string>

namespace kusto::emulator
{

/// A refusal of the login endpoint.
class login_refusal : public std::runtime_error
{
public:
    /// \param error  `invalid_client`, ...
    /// \param code  number behind `AADSTS`
    login_refusal(int status, std::string error, int code, std::string const& text)
        : std::runtime_error(text),
          status(status),
          error(std::move(error)),
          code(code)
    {
    }

    int status;
    std::string error;
    int code;
};

/// 401 `invalid_client`: what is wrong with a secret or an assertion.
[[nodiscard]] login_refusal bad_client(int code, std::string const& text);
/// 400 `invalid_request`.
[[nodiscard]] login_refusal bad_login(int code, std::string const& text);
/// \param why  a part of a sentence
[[nodiscard]] login_refusal malformed_request(int status, std::string const& why);

[[nodiscard]] response login_json(int status, boost::json::object const& body);

/// The error answer of the login endpoint. Its correlation id is the request's, if there is one.
/// \param now  of the identity provider
[[nodiscard]] response login_error(login_refusal const& refusal, request const& http,
                                   system_time now);

} // namespace kusto::emulator
