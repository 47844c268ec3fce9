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
    uploaded_blob(base::url location, std::uint64_t size, int attempts)
        : location(std::move(location)),
          size(size),
          attempts(attempts)
    {
    }

    base::url location; ///< with its SAS: a secret
    std::uint64_t size; ///< compressed bytes
    int attempts;       ///< attempts it took, all accounts together
};

/// What a sink needs of the service: the way of batches into one table. Implemented over the wire
/// by `queued_channel`, and as a script in the sink's tests.
///
/// Operations run on the caller's strand and may run concurrently. Retries, the choice of storage
/// accounts, tokens and resources are the channel's business; `attempts()` of a failure says how
/// often it tried. Cancellation: terminal.
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

    /// Posts the queue message for `blob`. `raw_size` is the exact uncompressed size.
    /// A failure whose `outcome()` is `unknown`: the message may be in the queue.
    /// \returns the number of attempts it took
    [[nodiscard]] virtual boost::asio::awaitable<result<int>> post(batch_identity batch,
                                                                   uploaded_blob const& blob,
                                                                   std::uint64_t raw_size,
                                                                   deadline until) = 0;
};

} // namespace kusto::service
