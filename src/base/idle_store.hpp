#pragma once

#include <cstddef>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace kusto::base
{

/// Things that nobody uses now, kept for who needs such a thing next. Bounded in size and number;
/// the longest idle goes first.
///
/// \par Thread safety
/// All members may be called from any thread. Things are made elsewhere, and may be destroyed under
/// the store's mutex.
template <class Thing>
class idle_store
{
public:
    /// \param most_size  sum of the sizes given with the things
    idle_store(std::size_t most_size, std::size_t most_things)
        : most_size_(most_size),
          most_things_(most_things)
    {
        // So that `give` allocates nothing, and cannot fail.
        idle_.reserve(most_things_);
    }
    idle_store(idle_store const&) = delete;
    idle_store& operator=(idle_store const&) = delete;

    /// What became idle last, and is in a cache most likely, of that for which
    /// `fits(thing, size)` is true.
    template <class Fits>
    [[nodiscard]] std::optional<Thing> take(Fits fits)
    {
        std::lock_guard const lock(mutex_);
        for (auto at = idle_.rbegin(); at != idle_.rend(); ++at)
        {
            if (!fits(std::as_const(at->thing), at->size))
                continue;
            std::optional<Thing> out(std::move(at->thing));
            size_ -= at->size;
            idle_.erase(std::next(at).base());
            return out;
        }
        return std::nullopt;
    }

    /// Keeps `thing`, for which others may have to go, unless it is larger than all may be.
    void give(Thing thing, std::size_t size) noexcept
    {
        std::lock_guard const lock(mutex_);
        if (size > most_size_ || most_things_ == 0)
            return;
        auto keep = idle_.begin();
        while (keep != idle_.end() &&
               (size_ + size > most_size_ ||
                static_cast<std::size_t>(idle_.end() - keep) >= most_things_))
        {
            size_ -= keep->size;
            ++keep;
        }
        idle_.erase(idle_.begin(), keep);
        idle_.push_back(entry{std::move(thing), size});
        size_ += size;
    }

    /// Lets go of everything, and keeps nothing from now on.
    void close() noexcept
    {
        std::lock_guard const lock(mutex_);
        most_things_ = 0;
        size_ = 0;
        std::vector<entry>().swap(idle_);
    }

    [[nodiscard]] std::size_t size() const
    {
        std::lock_guard const lock(mutex_);
        return size_;
    }
    [[nodiscard]] std::size_t count() const
    {
        std::lock_guard const lock(mutex_);
        return idle_.size();
    }

private:
    struct entry
    {
        Thing thing;
        std::size_t size;
    };

    std::size_t const most_size_;
    mutable std::mutex mutex_;
    std::size_t most_things_;
    std::vector<entry> idle_; ///< longest idle first
    std::size_t size_ = 0;
};

} // namespace kusto::base
