#pragma once

#include <base/guid.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <optional>
#include <service/block_stream.hpp>
#include <service/service_context.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

/// How a storage request, or a sequence of them, ended: nothing means well.
using storage_outcome = std::optional<wire::storage_failure>;

/// Sends `request` with the given body and classifies what comes back. `body` may be empty: then
/// the request's own body is sent.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<storage_outcome>
exchange(service_context const& context, wire::storage_request request, async::http_method method,
         std::span<std::byte const> body, stage where, deadline until);

/// One attempt to upload a blob.
class upload_attempt
{
public:
    explicit upload_attempt(storage_outcome failed_) : failed(std::move(failed_)) {}
    upload_attempt(storage_outcome failed_, std::uint64_t size_)
        : failed(std::move(failed_)),
          size(size_)
    {
    }

    storage_outcome failed;
    std::uint64_t size = 0; ///< compressed bytes; meaningful if nothing failed
};

/// Uploads all of `blocks` to `blob`, once, from block 0: Put Blob if there is one block, else up
/// to four Put Block at a time while more appear, then Put Block List. The first failure cancels
/// the other blocks, and nothing is committed.
///
/// \param upload  prefix of the block ids: the same for each attempt of a batch
/// \pre The caller runs on a strand, the one of `blocks`. `context` and `blocks` outlive the call.
/// Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<upload_attempt> upload_once(service_context const& context,
                                                                 base::url blob, base::guid upload,
                                                                 block_stream& blocks,
                                                                 deadline until);

} // namespace kusto::service
