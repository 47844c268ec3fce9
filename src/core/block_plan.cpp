#include <core/block_plan.hpp>

#include <string>

namespace kusto::core
{

result<void> block_plan::add(std::uint64_t size)
{
    auto const name = "block " + std::to_string(blocks_);
    if (size == 0)
        return failure(errc::invalid_option, stage::upload, name + " is empty");
    if (size > max_block_size)
    {
        return failure(errc::invalid_option, stage::upload,
                       name + " has " + std::to_string(size) + " bytes, the service takes " +
                           std::to_string(max_block_size) + ": reduce block_size");
    }
    if (blocks_ == max_blocks)
    {
        return failure(errc::invalid_option, stage::upload,
                       "the batch has more than " + std::to_string(max_blocks) +
                           " blocks, which is the service's limit: increase block_size or reduce "
                           "client_batch_size_limit");
    }
    ++blocks_;
    size_ += size;
    return {};
}

result<void> block_plan::end()
{
    if (blocks_ == 0)
        return failure(errc::invalid_record, stage::upload, "a batch without data is not uploaded");
    ended_ = true;
    return {};
}

block_plan::kind block_plan::decide() const noexcept
{
    if (blocks_ > 1)
        return kind::list;
    return ended_ && blocks_ == 1 ? kind::single : kind::undecided;
}

} // namespace kusto::core
