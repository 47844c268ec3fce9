#pragma once

#include <base/guid.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <optional>
#include <service/block_stream.hpp>
#include <string>

namespace kusto::service
{

/// Identity of a batch, fixed before its first attempt so that every repetition is recognisable.
class batch_identity
{
public:
    batch_identity(base::guid source_id, data_format format) : source_id(source_id), format(format)
    {
    }

    base::guid source_id;
    data_format format;
};

/// A blob that was uploaded completely.
class uploaded_blob
{
public:
    uploaded_blob(base::url location, std::uint64_t size, int attempts,
                  deadline usable_until = deadline::never())
        : location(std::move(location)),
          size(size),
          attempts(attempts),
          usable_until(usable_until)
    {
    }

    base::url location;    ///< with its SAS: a secret
    std::uint64_t size;    ///< compressed bytes
    int attempts;          ///< attempts it took, all accounts together
    deadline usable_until; ///< after it the SAS is too old to be posted: upload again
};

/// A queue message that the service has taken.
class posted_message
{
public:
    explicit posted_message(int attempts) : attempts(attempts) {}

    int attempts;                     ///< attempts it took
    int repeated = 0;                 ///< those made although an earlier one may have arrived
    std::optional<base::url> statuses; ///< table with the batch's status, without SAS; if reported
};

/// Final, good states of a batch.
enum class ingestion_end
{
    succeeded,
    skipped, ///< suppressed by `ingest_if_not_exists`, or without data
};

/// What a sink needs of the service: the way of batches into one table. Implemented over the wire
/// by `queued_channel`, and as a script in the sink's tests.
///
/// Operations run on the caller's strand and may run concurrently. Retries, the choice of storage
/// accounts, tokens and resources are the channel's business; `attempts()` of a failure says how
/// often it tried, `retryable()` whether the same operation may succeed later. Cancellation:
/// terminal.
class ingest_channel
{
public:
    ingest_channel() = default;
    ingest_channel(ingest_channel const&) = delete;
    ingest_channel& operator=(ingest_channel const&) = delete;
    virtual ~ingest_channel() = default;

    /// Uploads `blocks` as one blob: Put Blob if there is one block, else Put Block in parallel
    /// while more appear, then Put Block List.
    [[nodiscard]] virtual boost::asio::awaitable<result<uploaded_blob>>
    upload(batch_identity batch, block_stream& blocks, deadline until) = 0;

    /// Posts the queue message for `blob`, before it the entity for its status if statuses are
    /// asked for. `raw_size` is the exact uncompressed size.
    ///
    /// A message whose answer was lost is posted again, with the same blob, if the guarantee is
    /// `at_least_once`. A failure whose `outcome()` is `unknown`: a message may be in a queue.
    [[nodiscard]] virtual boost::asio::awaitable<result<posted_message>>
    post(batch_identity batch, uploaded_blob const& blob, std::uint64_t raw_size,
         deadline until) = 0;

    /// Waits for the final status of a batch that was posted with statuses asked for.
    ///
    /// Errors: `errc::ingestion_failed` with the service's reason, outcome failed; `retryable()` if
    /// the service says that the same blob may succeed when posted again.
    /// `errc::partially_ingested`, outcome unknown. `errc::outcome_unknown` when no final status
    /// came in time.
    /// \param until  at the latest; the status timeout of the options ends the wait earlier
    [[nodiscard]] virtual boost::asio::awaitable<result<ingestion_end>>
    confirm(batch_identity batch, posted_message const& message, deadline until) = 0;
};

} // namespace kusto::service
