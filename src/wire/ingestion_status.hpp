#pragma once

#include <kusto/error.hpp>
#include <string>
#include <wire/http.hpp>

namespace kusto::wire
{

/// How far the service has got with a batch.
enum class ingestion_state
{
    pending,   ///< not decided yet; also a transient failure, which the service tries again itself
    succeeded, ///< in the table
    skipped,   ///< not ingested, as it was asked: suppressed, or without data
    exhausted, ///< failed after the service's own retries; posting it again may succeed
    failed,    ///< failed for good
    partial,   ///< a part is in the table
    unclear,   ///< a word that says nothing about the data
};

/// The entity that the service keeps about a batch in its status table.
class ingestion_status
{
public:
    ingestion_state state = ingestion_state::pending;
    std::string word; ///< `Status`, and `FailureStatus` if there is one, as they were written
    std::string error_code;
    std::string details; ///< the service's words; may hold user data
    std::string operation_id;
    std::string activity_id;
    std::string blob; ///< address without signature

    /// What a state that is neither pending nor good is reported as: `errc::ingestion_failed`,
    /// `errc::partially_ingested` or `errc::outcome_unknown`, stage ingest.
    /// \param batch  the batch's source id, for the message
    [[nodiscard]] failure why(std::string const& batch) const;
};

/// Reads an entity: numbers or words, plain or typed fields, names of statuses in any case.
/// Errors: `errc::malformed_reply`
/// \param from  a reply of status 2xx
[[nodiscard]] result<ingestion_status> parse_status(reply const& from);

} // namespace kusto::wire
