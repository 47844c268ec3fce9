#pragma once

#include <chrono>
#include <kusto/emulator/faults.hpp>
#include <optional>
#include <string>

namespace kusto::emulator
{

/// What goes wrong with one queue message. The default is nothing.
struct message_faults
{
    std::chrono::milliseconds hold{0};              ///< before it is put into a batch
    std::optional<std::chrono::milliseconds> again; ///< a second delivery, so long after the first
    std::optional<ingestion_failure_kind> fails;
    std::string error_code;                ///< of the failure; empty: a usual one
    std::chrono::milliseconds recovery{0}; ///< of a transient failure
    std::chrono::milliseconds status_delay{0};
    bool status_lost = false;
};

/// Asked by the data manager once for each message taken out of a queue.
class ingestion_faults
{
public:
    virtual ~ingestion_faults() = default;
    virtual message_faults decide(std::string const& blob_url) = 0;
};

} // namespace kusto::emulator
