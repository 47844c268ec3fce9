#pragma once

#include <exception>
#include <memory>
#include <utility>

namespace kusto::async
{

/// Completion handler of spawned coroutines that deal with their own exceptions: one that escapes
/// all the same is thrown from the context's `run`, never swallowed.
class rethrow
{
public:
    rethrow() = default;
    /// \param kept  owner of the cancellation signal that the coroutine was spawned with: Asio
    ///        touches the signal after the coroutine's own frame is gone, until this handler runs
    explicit rethrow(std::shared_ptr<void const> kept) : kept_(std::move(kept)) {}

    void operator()(std::exception_ptr thrown) const
    {
        if (thrown)
            std::rethrow_exception(thrown);
    }

private:
    std::shared_ptr<void const> kept_;
};

} // namespace kusto::async
