#include <service/verified_channel.hpp>

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

constexpr auto check_time = std::chrono::seconds(10);

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

    asio::awaitable<result<uploaded_blob>> upload(batch_identity batch, block_stream& blocks,
                                                  deadline until) override
    {
        if (!passed_.load(std::memory_order_acquire))
        {
            auto const state = co_await ask(until);
            if (state == table_state::missing)
                co_return missing();
            passed_.store(true, std::memory_order_release);
        }
        auto done = co_await inner_->upload(batch, blocks, until);
        co_return done;
    }

    asio::awaitable<result<int>> post(batch_identity batch, uploaded_blob const& blob,
                                      std::uint64_t raw_size, deadline until) override
    {
        return inner_->post(batch, blob, raw_size, until);
    }

private:
    asio::awaitable<table_state> ask(deadline until)
    {
        auto const limit = until.sooner(deadline(time_.now() + check_time));
        auto late = failure(errc::timed_out, stage::ingest, "no answer about the table in time");
        auto check = check_;
        auto operation = [check, limit] { return check(limit); };
        auto flight = flight_.run(std::move(operation));
        auto answer = co_await async::call_on(strand_, std::move(flight), limit, late, time_);
        co_return answer ? *answer : table_state::exists;
    }

    [[nodiscard]] failure missing() const
    {
        return failure(errc::not_found, stage::ingest,
                       "there is no table " + table_ +
                           "; create it, or, if this principal may ingest but not see the table, "
                           "set verify_table(false)")
            .attempts(1);
    }

    asio::any_io_executor strand_;
    async::clock& time_;
    std::shared_ptr<ingest_channel> inner_;
    table_check check_;
    std::string table_;
    async::single_flight<table_state> flight_;
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
