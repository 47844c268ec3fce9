#include <service/status_patience.hpp>

#include <async/call_on.hpp>
#include <boost/asio/strand.hpp>
#include <utility>
#include <wire/batching_policy.hpp>

namespace kusto::service
{

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace
{

constexpr std::chrono::minutes grace{5};
constexpr std::chrono::seconds longest_question{10};

} // namespace

status_patience::status_patience(asio::any_io_executor executor, async::clock& time,
                                 milliseconds fixed, batching_question ask)
    : strand_(asio::make_strand(std::move(executor))),
      time_(time),
      ask_(std::move(ask)),
      flight_(strand_, stage::ingest),
      known_(fixed.count())
{
}

asio::awaitable<milliseconds> status_patience::get(deadline until)
{
    auto const known = known_.load(std::memory_order_relaxed);
    if (known != 0)
        co_return milliseconds(known);
    milliseconds time = wire::default_batching_time;
    if (ask_)
    {
        auto const limit = until.sooner(deadline(time_.now() + longest_question));
        failure late(errc::timed_out, stage::ingest, "no answer about the batching policy in time");
        auto operation = [ask = ask_, limit] { return ask(limit); };
        auto flight = flight_.run(std::move(operation));
        auto const got =
            co_await async::call_on(strand_, std::move(flight), limit, std::move(late), time_);
        if (got)
            time = *got;
    }
    time += grace;
    known_.store(time.count(), std::memory_order_relaxed);
    co_return time;
}

} // namespace kusto::service
