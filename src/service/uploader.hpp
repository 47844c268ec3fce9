#pragma once

#include <base/guid.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/block_plan.hpp>
#include <cstddef>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <kusto/options.hpp>
#include <service/block_stream.hpp>
#include <service/service_context.hpp>
#include <service/storage_exchange.hpp>
#include <set>
#include <string>
#include <vector>

namespace kusto::service
{

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

/// The upload of one batch: as many attempts as its owner makes, and what they have in common.
///
/// An attempt sends Put Blob if there is one block, else up to four Put Block at a time while more
/// appear, then Put Block List. A block that fails in a way that may pass is sent again by itself,
/// `retry.attempts()` times in all; the first other failure cancels the rest, and nothing is
/// committed. An attempt at the address of the one before, maybe with a newer signature, leaves out
/// the blocks that were acknowledged there: uncommitted blocks stay, and block ids depend on the
/// batch only. Any other attempt sends every byte.
///
/// Lives on the strand of `blocks`; `context` and `blocks` outlive it.
class blob_upload
{
public:
    /// \param id  prefix of the block ids: the same for each attempt of a batch
    blob_upload(service_context const& context, base::guid id, block_stream& blocks,
                retry_options const& retry, deadline until);

    /// One attempt. That the blob exists already is a success if an earlier attempt at this very
    /// address may have committed it, else a permanent failure.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<upload_attempt> attempt(base::url blob);

private:
    class block_failed;

    void go_to(base::url blob);
    [[noreturn]] void fail(storage_outcome why);
    /// What the end of a request that commits the blob means.
    [[nodiscard]] storage_outcome judge_commit(storage_outcome failed);
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_whole();
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_block(std::size_t index);
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_block_patiently(std::size_t index);
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_list();
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_list_patiently();
    [[nodiscard]] boost::asio::awaitable<void> put_blocks_in_turn();
    [[nodiscard]] boost::asio::awaitable<storage_outcome> put_blocks();
    void report(storage_outcome const& failed, deadline::time_point again_at) const;

    service_context const& context_;
    base::guid id_;
    block_stream& blocks_;
    retry_options retry_;
    deadline until_;
    base::url blob_;                   // where this attempt goes
    std::vector<bool> acknowledged_;   // blocks, at the address of `blob_`
    std::vector<int> tries_;           // of each block, at the same address
    std::set<std::string> maybe_done_; // addresses where a commit may have succeeded
    // Of the attempt under way.
    core::block_plan plan_;
    std::size_t next_ = 0;
    bool ended_ = false;
    storage_outcome failed_;
};

} // namespace kusto::service
