#include <service/verified_channel.hpp>

#include <algorithm>
#include <async/call_on.hpp>
#include <async/single_flight.hpp>
#include <atomic>
#include <boost/asio/strand.hpp>
#include <utility>

namespace kusto::service
{

namespace asio = boost::asio;

namespace
{

// The check takes a part of the batch's time only, so that an engine that hangs fails no batch.
constexpr auto check_time = std::chrono::seconds(10);
constexpr int share_of_deadline = 4;

class verified_channel final : public ingest_channel
{
public:
    verified_channel(asio::any_io_executor executor, async::clock& time,
                     std::shared_ptr<ingest_channel> inner, table_check check, std::string table)
        : strand_(asio::make_strand(std::move(executor))),
          time_(time),
          inner_(std::move(inner)),
          check_(std::move(check)),
          table_(std::move(table)),
          flight_(strand_, stage::ingest)
    {
    }

    ~verified_channel() override { flight_.stop_soon(); }

    asio::awaitable<result<uploaded_blob>> upload(batch_identity batch, block_stream& blocks,
                                                  deadline until) override
    {
        if (!passed_.load(std::memory_order_acquire))
        {
            auto const answer = co_await ask(until);
            if (answer && answer->said)
                co_return missing(*answer->said);
            passed_.store(true, std::memory_order_release);
        }
        auto done = co_await inner_->upload(batch, blocks, until);
        co_return done;
    }

    asio::awaitable<result<posted_message>> post(batch_identity batch, uploaded_blob const& blob,
                                                 std::uint64_t raw_size, deadline until) override
    {
        return inner_->post(batch, blob, raw_size, until);
    }

    asio::awaitable<result<ingestion_end>>
    confirm(batch_identity batch, posted_message const& message, deadline until) override
    {
        return inner_->confirm(batch, message, until);
    }

private:
    asio::awaitable<result<table_answer>> ask(deadline until)
    {
        auto const now = time_.now();
        auto const limit = deadline(now + std::min<deadline::clock::duration>(
                                              check_time, until.left(now) / share_of_deadline));
        auto late = failure(errc::timed_out, stage::ingest, "no answer about the table in time");
        auto check = check_;
        auto operation = [check, limit] { return check(limit); };
        auto flight = flight_.run(std::move(operation));
        auto answer = co_await async::call_on(strand_, std::move(flight), limit, late, time_);
        co_return answer;
    }

    [[nodiscard]] failure missing(failure const& said) const
    {
        failure why(errc::not_found, stage::ingest,
                    "there is no table " + table_ +
                        "; create it, or, if this principal may ingest but not see the table, set "
                        "verify_table(false)");
        why.host(said.host()).status(said.status()).service_code(said.service_code());
        why.server_text(said.server_text()).request_id(said.request_id());
        return why.activity_id(said.activity_id()).attempts(1);
    }

    asio::any_io_executor strand_;
    async::clock& time_;
    std::shared_ptr<ingest_channel> inner_;
    table_check check_;
    std::string table_;
    async::single_flight<table_answer> flight_;
    std::atomic<bool> passed_ = false;
};

} // namespace

std::shared_ptr<ingest_channel> make_verified_channel(asio::any_io_executor executor,
                                                      async::clock& time,
                                                      std::shared_ptr<ingest_channel> inner,
                                                      table_check check, std::string table)
{
    return std::make_shared<verified_channel>(std::move(executor), time, std::move(inner),
                                              std::move(check), std::move(table));
}

} // namespace kusto::service
