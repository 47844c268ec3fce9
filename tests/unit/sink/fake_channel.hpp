#pragma once

#include <async/one_shot.hpp>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <service/ingest_channel.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kusto::test
{

/// A door that coroutines wait at. Thread-safe.
class door
{
public:
    [[nodiscard]] boost::asio::awaitable<void> pass();
    void open();

private:
    std::mutex mutex_;
    bool open_ = false;
    std::list<async::one_shot*> waiting_;
};

enum class answer
{
    yes,
    refuse,      ///< permanent failure
    trouble,     ///< a failure that may pass
    lose,        ///< outcome unknown, for good
    lose_once,   ///< outcome unknown, may be repeated; the message was taken
    silence,     ///< no status came in time
    hang,        ///< until cancelled
    hang_deafly, ///< ignores cancellation; until `deaf` is opened
    hold,        ///< until `release` is opened, then yes
};

/// One blob as the service would see it.
struct taken_batch
{
    std::string text; ///< uncompressed
    std::size_t blocks = 0;
    std::uint64_t compressed = 0;
    data_format format = data_format::csv;
    std::string source_id;
};

/// A service in memory: gunzips what it is given with zlib itself and keeps it.
class fake_channel final : public service::ingest_channel
{
public:
    [[nodiscard]] boost::asio::awaitable<result<service::uploaded_blob>>
    upload(service::batch_identity batch, service::block_stream& blocks, deadline until) override;

    [[nodiscard]] boost::asio::awaitable<result<service::posted_message>>
    post(service::batch_identity batch, service::uploaded_blob const& blob, std::uint64_t raw_size,
         deadline until) override;

    [[nodiscard]] boost::asio::awaitable<result<service::ingestion_end>>
    confirm(service::batch_identity batch, service::posted_message const& message,
            deadline until) override;

    /// Decide by the number of the call, counted from 0. Default: yes.
    std::function<answer(std::size_t)> on_upload;
    std::function<answer(std::size_t)> on_post;
    /// If set, statuses are reported. `yes`: ingested. `refuse`: the data is bad. `trouble`: may
    /// succeed when posted again. `lose`: a part of it was ingested.
    std::function<answer(std::size_t)> on_confirm;
    /// How long a blob's address can be posted.
    std::optional<std::chrono::steady_clock::duration> usable_for;
    door release;
    door deaf;

    /// Completes when `count` batches were taken.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_batches(std::size_t count);
    /// Completes when `count` uploads began.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_uploads(std::size_t count);

    [[nodiscard]] std::vector<taken_batch> batches() const;
    [[nodiscard]] std::size_t uploads() const noexcept { return uploads_; }
    [[nodiscard]] std::size_t posts() const noexcept { return posts_; }
    [[nodiscard]] std::size_t confirmations() const noexcept { return confirmations_; }
    /// Completes when `count` confirmations began.
    [[nodiscard]] boost::asio::awaitable<void> wait_for_confirmations(std::size_t count);
    /// Most that ever ran at once.
    [[nodiscard]] std::size_t most_uploads_at_once() const noexcept { return uploading_.most; }
    [[nodiscard]] std::size_t most_posts_at_once() const noexcept { return posting_.most; }
    /// Everything that was wrong with what was received; empty if nothing was.
    [[nodiscard]] std::string complaints() const;

private:
    class running;
    class waiter;
    class tally
    {
    public:
        std::atomic<std::size_t> now = 0;
        std::atomic<std::size_t> most = 0;
    };
    [[nodiscard]] boost::asio::awaitable<result<std::string>> read(service::block_stream& blocks,
                                                                   std::size_t& count);
    [[nodiscard]] boost::asio::awaitable<void> act(answer what);
    [[nodiscard]] boost::asio::awaitable<void> wait_until(std::function<bool()> what);
    void take(service::batch_identity const& batch, service::uploaded_blob const& blob,
              std::uint64_t raw_size);
    void complain(std::string what);
    void changed();

    mutable std::mutex mutex_;
    std::list<async::one_shot*> watching_;
    std::map<std::string, std::pair<std::string, std::size_t>> blobs_; // by source id
    std::vector<taken_batch> batches_;
    std::string complaints_;
    std::atomic<std::size_t> uploads_ = 0;
    std::atomic<std::size_t> posts_ = 0;
    std::atomic<std::size_t> confirmations_ = 0;
    tally uploading_;
    tally posting_;
};

/// The contents of one gzip member. Throws if it is not one.
[[nodiscard]] std::string gunzip(std::string const& data);

/// `<id>,<check>,<padding>`: a record of its own proof. At least 30 bytes with the line end.
[[nodiscard]] std::string make_record(std::uint64_t id, std::size_t size, bool compressible = true);

/// Ids found in `batches`, each record verified. Throws on a damaged or repeated record.
[[nodiscard]] std::set<std::uint64_t> ids_in(std::vector<taken_batch> const& batches);
[[nodiscard]] std::size_t lines_in(std::string const& text);

} // namespace kusto::test
