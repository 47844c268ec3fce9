#pragma once

#include <boost/asio/awaitable.hpp>
#include <commit/batch_delivery.hpp>
#include <commit/commit_context.hpp>
#include <core/checkpoint.hpp>
#include <cstddef>
#include <functional>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kusto::commit
{

/// A batch that the service refused for good.
class refused_batch
{
public:
    refused_batch(std::size_t index, failure why) : index(index), why(std::move(why)) {}

    std::size_t index;
    failure why;
};

/// Brings batches of a checkpoint into a table, several at a time.
///
/// Lives on one strand, in one coroutine; everything given by reference outlives it.
class batch_filler
{
public:
    using trouble_function = std::function<void(failure const&)>;

    /// \param to  target of a batch, by index
    batch_filler(commit_context const& context, core::sealed_checkpoint const& checkpoint,
                 int attempt, std::function<batch_target(std::size_t)> to,
                 trouble_function on_trouble);

    /// Delivers the batches with these indexes. Completes when all have ended; the first that is refused
    /// keeps the rest from beginning.
    /// Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<std::optional<refused_batch>>
    fill(std::vector<std::size_t> indexes);

private:
    [[nodiscard]] boost::asio::awaitable<void> deliver_in_turn();

    commit_context const& context_;
    core::sealed_checkpoint const& checkpoint_;
    int attempt_;
    std::function<batch_target(std::size_t)> target_;
    trouble_function on_trouble_;
    std::vector<std::size_t> todo_;
    std::size_t next_ = 0;
    std::optional<refused_batch> refused_;
    std::shared_ptr<async::byte_budget> slots_; ///< counts uploads, not bytes
};

} // namespace kusto::commit
