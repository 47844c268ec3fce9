#pragma once

#include <cstdint>
#include <emulator/server/http_message.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// A refusal by blob, queue or table storage; becomes the service's error answer.
class storage_error : public std::runtime_error
{
public:
    storage_error(int status, std::string code, std::string const& text)
        : std::runtime_error(text),
          status(status),
          code(std::move(code))
    {
    }

    /// Adds an element of the error document (`HeaderName`, `Reason`, ...).
    storage_error&& with(std::string name, std::string value) &&
    {
        details.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }

    int status;
    std::string code;
    std::vector<std::pair<std::string, std::string>> details;
};

[[nodiscard]] storage_error missing_header(std::string const& name);
[[nodiscard]] storage_error invalid_header(std::string const& name, std::string const& value,
                                           std::string const& reason = {});
[[nodiscard]] storage_error invalid_parameter(std::string const& name, std::string const& value,
                                              std::string const& reason);
[[nodiscard]] storage_error invalid_xml();
[[nodiscard]] storage_error unsupported_verb();
[[nodiscard]] storage_error body_too_large(std::uint64_t limit);

/// The answer for `error`: XML for blob and queue, `odata.error` for table.
[[nodiscard]] response render(storage_error const& error, bool json, std::string const& request_id);

} // namespace kusto::emulator
