#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <emulator/server/exact_parameters.hpp>
#include <emulator/server/http_message.hpp>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kusto::emulator
{

/// A refusal of a managed identity endpoint.
class identity_refusal : public std::runtime_error
{
public:
    identity_refusal(int status, std::string code, std::string const& text)
        : std::runtime_error(text),
          status(status),
          code(std::move(code))
    {
    }

    int status;
    std::string code; ///< empty: what the host calls a request that is wrong
};

/// The members in which hosts write their errors.
enum class identity_error_form : std::uint8_t
{
    oauth,       ///< `error`, `error_description`
    app_service, ///< `statusCode`, `message`, `correlationId`
    nested,      ///< `error` with `correlationId`, `code` and `message`
    brief        ///< `error` with `code` and `message`
};

// Where the hosts are; Service Fabric, whose path is that of the virtual machine, has its own port.
inline constexpr std::string_view machine_path = "/metadata/identity/oauth2/token";
inline constexpr std::string_view app_service_path = "/msi/token";
inline constexpr std::string_view learning_path = "/msi/2017/token";
inline constexpr std::string_view shell_path = "/oauth2/token";
inline constexpr std::string_view arc_path = "/arc/metadata/identity/oauth2/token";

[[nodiscard]] response identity_json(int status, boost::json::object const& body);
[[nodiscard]] response identity_error(identity_refusal const& refusal, identity_error_form form);
/// How the host that the request was sent to writes its errors.
[[nodiscard]] identity_error_form error_form_of(request const& http);

// What endpoints ask of requests; \throws identity_refusal
void require_method(request const& http, char const* method);
void require_metadata_header(request const& http);
void require_form(request const& http);
void require_secret(request const& http, char const* header, std::string const& secret);
void require_version(exact_parameters const& query, std::initializer_list<char const*> known,
                     char const* code);

} // namespace kusto::emulator
