#include <commit/batch_filler.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace kusto::commit
{

namespace asio = boost::asio;

namespace
{

// Batches that wait for the service at the same time, each with a coroutine.
constexpr std::size_t most_under_way = 256;

} // namespace

batch_filler::batch_filler(commit_context const& context, core::sealed_checkpoint const& checkpoint,
                           int attempt, std::function<batch_target(std::size_t)> to,
                           trouble_function on_trouble)
    : context_(context),
      checkpoint_(checkpoint),
      attempt_(attempt),
      target_(std::move(to)),
      on_trouble_(std::move(on_trouble)),
      slots_(std::make_shared<async::byte_budget>(context.records.uploads_in_flight() *
                                                  context.records.parallelism()))
{
}

asio::awaitable<void> batch_filler::deliver_in_turn()
{
    while (next_ < todo_.size() && !refused_)
    {
        auto const index = todo_[next_++];
        auto const& batch = checkpoint_.batches.at(index);
        auto const target = context_.records.database() + "/" + context_.table();
        auto const id = source_id_of(context_.tag_job(), target, checkpoint_.id, index, batch.crc,
                                     attempt_);
        auto delivered = deliver_batch(context_, batch, id, target_(index), slots_, on_trouble_);
        auto const word = co_await std::move(delivered);
        if (word.has_error() && !refused_)
            refused_.emplace(index, word.error());
    }
}

asio::awaitable<std::optional<refused_batch>> batch_filler::fill(std::vector<std::size_t> indexes)
{
    todo_ = std::move(indexes);
    next_ = 0;
    refused_.reset();
    if (todo_.empty())
        co_return std::nullopt;
    auto const executor = co_await asio::this_coro::executor;
    std::vector<decltype(asio::co_spawn(executor, deliver_in_turn(), asio::deferred))> workers;
    for (std::size_t i = 0; i < (std::min)(most_under_way, todo_.size()); ++i)
        workers.push_back(asio::co_spawn(executor, deliver_in_turn(), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto joined = group.async_wait(asio::experimental::wait_for_all(), asio::deferred);
    auto const [order, thrown] = co_await std::move(joined);
    for (auto const index : order)
    {
        if (thrown[index])
            std::rethrow_exception(thrown[index]);
    }
    co_return refused_;
}

} // namespace kusto::commit
