#pragma once

#include <cstdint>
#include <emulator/server/encoding.hpp>
#include <emulator/server/http_message.hpp>
#include <emulator/server/sas.hpp>
#include <string>

namespace kusto::emulator
{

/// One storage request on its way through the services: addressed, versioned and, once its
/// signature was checked, authorised.
struct storage_call
{
    request& http; ///< the body may be moved out
    query_parameters query;
    sas_target target;
    std::string version; ///< `x-ms-version`
    system_time now;
    std::string permissions; ///< letters that the signature grants
    std::string tail;        ///< queue: path below the queue; table: text in parentheses
    bool has_tail = false;   ///< table: parentheses were present
};

constexpr std::uint64_t mebibyte = 1024 * 1024;

} // namespace kusto::emulator
