namespace Stevedore.Programs;

/// <summary>Something that a demonstration or a measurement needs did not hold.</summary>
/// <param name="sentence">What, where, and how to mend it.</param>
public sealed class ProgramException(string sentence) : Exception(sentence);
