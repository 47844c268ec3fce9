#pragma once

#include <async/offload.hpp>
#include <async/one_shot.hpp>
#include <commit/blocking_threads.hpp>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <core/checkpoint.hpp>
#include <core/delivery_ledger.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <kusto/error.hpp>
#include <ledger/batch_file.hpp>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <sink/batch_store.hpp>
#include <vector>

namespace kusto::commit
{

/// Puts sealed batches into batch files, and knows those that no checkpoint holds yet.
///
/// The files of sealed checkpoints count against the backlog limit too: while they fill it, `keep`
/// waits. Bytes of the open checkpoint alone never make it wait, since only a checkpoint, which waits for
/// `keep`, could free them; they are reported instead (`open_is_full`).
///
/// \par Thread safety
/// Shared objects: safe.
class batch_spool final : public sink::batch_store
{
public:
    /// Called, on any thread, when the open checkpoint alone has come to fill the backlog, and when it
    /// does not any more.
    using full_function = std::function<void(bool full)>;

    batch_spool(std::filesystem::path directory, std::uint64_t limit,
                std::shared_ptr<blocking_threads> threads);

    /// To be set before the first batch.
    void start(std::shared_ptr<async::wake_permit> permit, full_function on_full);
    /// `on_full` is not called any more when this has returned.
    void stop_reports();

    [[nodiscard]] boost::asio::awaitable<result<void>>
    keep(core::batch_key batch, data_format format, sink::block_queue& blocks) override;
    void kept(core::batch_key batch, delivery_counts counts) override;

    /// Takes the batches up to `until` out, in order: they are about to be sealed. Their bytes count as
    /// sealed.
    [[nodiscard]] std::map<core::batch_key, core::sealed_batch>
    take(core::delivery_ledger::position const& until);
    /// The sealing failed.
    void put_back(std::map<core::batch_key, core::sealed_batch> batches);
    /// Sealed bytes of an earlier run.
    void add_sealed(std::uint64_t bytes);
    /// Batch files of sealed checkpoints are gone.
    void release(std::uint64_t bytes);

    [[nodiscard]] std::uint64_t backlog() const;
    /// Whether a batch waits for sealed checkpoints to be committed.
    [[nodiscard]] bool waits_for_commit() const;
    /// Whether anything lies here that no checkpoint holds.
    [[nodiscard]] bool empty() const;

private:
    class writing;
    class room_waiter;
    using written = std::shared_ptr<ledger::batch_file_writer>;

    [[nodiscard]] bool has_room() const;
    void wake();
    void judge_open();
    [[nodiscard]] boost::asio::awaitable<void> wait_for_room();
    [[nodiscard]] boost::asio::awaitable<result<void>> append(writing& to,
                                                              sink::block_queue& blocks);

    std::filesystem::path const directory_;
    std::uint64_t const limit_;
    // Coroutines of the sink that hold the spool may outlive everything else of the write-ahead sink.
    std::shared_ptr<blocking_threads> const threads_;
    boost::asio::any_io_executor const files_;
    std::shared_ptr<async::wake_permit> permit_;
    full_function on_full_;

    mutable std::mutex mutex_;
    std::map<core::batch_key, core::sealed_batch> open_;
    std::uint64_t open_bytes_ = 0;   ///< of batch files that no checkpoint holds, unfinished ones too
    std::uint64_t sealed_bytes_ = 0; ///< of those of sealed checkpoints
    std::list<async::one_shot*> waiting_;

    /// Held while `on_full_` is called, so that its calls come in the order of what they report.
    std::mutex report_mutex_;
    bool reported_full_ = false;
    bool reports_ = true;
};

} // namespace kusto::commit
