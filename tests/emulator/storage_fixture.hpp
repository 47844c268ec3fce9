#pragma once

#include <emulator/server/storage.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Storage with the public development account, whose signatures are known from other
/// implementations, and a clock that the test sets.
struct storage_fixture
{
    static constexpr char const* account = "devstoreaccount1";
    static std::string key();

    storage_fixture();

    /// Sends one request; `target` begins with the path below the account.
    response send(std::string const& method, std::string const& target, std::string body = {},
                  std::vector<std::pair<std::string, std::string>> headers = {});
    /// Headers that every storage request carries are added unless `bare`.
    response send_bare(std::string const& method, std::string const& target, std::string body,
                       std::vector<std::pair<std::string, std::string>> const& headers);
    /// A signature for everything in `ingest0`, `readyq0` or `ingestionstatus0`.
    [[nodiscard]] std::string container_sas(std::string const& permissions = "racwdl") const;
    [[nodiscard]] std::string queue_sas(std::string const& permissions = "raup") const;
    [[nodiscard]] std::string table_sas(std::string const& permissions = "raud") const;
    [[nodiscard]] std::string sas(storage_service service, std::string const& resource,
                                  std::string const& permissions) const;

    system_time now;
    int messages = 0;
    storage store;

private:
    storage_settings settings();
};

/// The service's error code of an answer.
[[nodiscard]] inline std::string code_of(response const& answer)
{
    return std::string(answer.headers.get("x-ms-error-code"));
}

} // namespace kusto::emulator
