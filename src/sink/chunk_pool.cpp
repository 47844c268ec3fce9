#include <sink/chunk_pool.hpp>

#include <utility>

namespace kusto::sink
{

namespace
{

// Chunks that are idle at a time; there is room for them from the beginning, so that to free one
// never allocates.
constexpr std::size_t most_idlers = 64;

} // namespace

chunk_pool::memory::memory(memory&& other) noexcept
    : home_(std::move(other.home_)),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0))
{
}

chunk_pool::memory& chunk_pool::memory::operator=(memory&& other) noexcept
{
    if (this != &other)
    {
        release();
        home_ = std::move(other.home_);
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void chunk_pool::memory::release() noexcept
{
    if (bytes_)
        home_->give(std::move(bytes_), std::exchange(size_, 0));
    home_.reset();
}

chunk_pool::chunk_pool(std::size_t most_idle) : most_idle_(most_idle)
{
    idle_.reserve(most_idlers);
}

chunk_pool::memory chunk_pool::take(std::shared_ptr<chunk_pool> const& from, std::size_t size)
{
    auto bytes = from->find(size);
    if (!bytes)
        bytes.reset(new std::byte[size]);
    return memory(from, std::move(bytes), size);
}

std::size_t chunk_pool::idle_bytes() const
{
    std::lock_guard const lock(mutex_);
    return idle_bytes_;
}

std::unique_ptr<std::byte[]> chunk_pool::find(std::size_t size) noexcept
{
    std::lock_guard const lock(mutex_);
    // The latest first: its bytes are in a cache most likely.
    for (auto at = idle_.rbegin(); at != idle_.rend(); ++at)
    {
        if (at->size != size)
            continue;
        auto bytes = std::move(at->bytes);
        idle_bytes_ -= size;
        idle_.erase(std::next(at).base());
        return bytes;
    }
    return nullptr;
}

void chunk_pool::give(std::unique_ptr<std::byte[]> bytes, std::size_t size) noexcept
{
    if (size > most_idle_)
        return;
    std::lock_guard const lock(mutex_);
    auto keep = idle_.begin();
    while (keep != idle_.end() &&
           (idle_bytes_ + size > most_idle_ ||
            static_cast<std::size_t>(idle_.end() - keep) >= most_idlers))
    {
        idle_bytes_ -= keep->size;
        ++keep;
    }
    idle_.erase(idle_.begin(), keep);
    idle_.push_back(idler{std::move(bytes), size});
    idle_bytes_ += size;
}

} // namespace kusto::sink
